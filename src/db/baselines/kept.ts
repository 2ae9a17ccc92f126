import { METRICS, type Sample } from '../../verdict/types.ts';
import type { Queryable } from '../connection/pool.ts';

/**
 * What deployments' baselines were at their triggers: evidence, as their own samples are, for what is kept between
 * deployments lives a day only. Read by `samples.listOf`.
 */
export function createDeploymentBaselines(connection: Queryable) {
  return {
    /** Keeps the samples of each deployment, in the order given, as one row; none where there are none. */
    async keep(baselines: ReadonlyMap<string, readonly Sample[]>): Promise<void> {
      const kept = [...baselines].filter(([, samples]) => samples.length > 0);
      if (kept.length === 0) return;
      // A list for each deployment is a list of lists, of different lengths: as text, for PostgreSQL's arrays are square.
      const listsOf = (elementOf: (sample: Sample) => number | string | null) =>
        kept.map(([, samples]) => `{${samples.map((sample) => elementOf(sample) ?? 'null').join(',')}}`);
      await connection.query(
        `insert into seqpulse.deployment_baselines (deployment_id, newest_at, collected_at, ${METRICS.join(', ')})
         select deployment_id, newest_at, collected_at::timestamptz[], ${METRICS.map((name) => `${name}::float8[]`).join(', ')}
         from unnest($1::uuid[], $2::timestamptz[], $3::text[], ${METRICS.map((_, index) => `$${index + 4}::text[]`).join(', ')})
           as kept (deployment_id, newest_at, collected_at, ${METRICS.join(', ')})`,
        [
          kept.map(([deploymentId]) => deploymentId),
          kept.map(([, samples]) => new Date(Math.max(...samples.map((sample) => sample.collectedAtMs)))),
          listsOf((sample) => new Date(sample.collectedAtMs).toISOString()),
          ...METRICS.map((name) => listsOf((sample) => sample[name])),
        ],
      );
    },

    /** Deletes up to `limit` baselines whose newest sample was read before `before`; returns how many went. */
    async prune(before: Date, limit: number): Promise<number> {
      const { rowCount } = await connection.query(
        `delete from seqpulse.deployment_baselines where deployment_id = any(array(
           select deployment_id from seqpulse.deployment_baselines where newest_at < $1 limit $2))`,
        [before, limit],
      );
      return rowCount ?? 0;
    },
  };
}
