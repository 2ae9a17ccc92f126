import type { Sample } from '../../verdict/types.ts';
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
      const listsOf = (elementOf: (sample: Sample) => number | string) =>
        kept.map(([, samples]) => `{${samples.map(elementOf).join(',')}}`);
      await connection.query(
        `insert into seqpulse.deployment_baselines
         select deployment_id, newest_at, at::timestamptz[], rps::float8[], p95::float8[], errors::float8[],
           cpu::float8[], memory::float8[]
         from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
           as kept (deployment_id, newest_at, at, rps, p95, errors, cpu, memory)`,
        [
          kept.map(([deploymentId]) => deploymentId),
          kept.map(([, samples]) => new Date(Math.max(...samples.map((sample) => sample.collectedAtMs)))),
          listsOf((sample) => new Date(sample.collectedAtMs).toISOString()),
          listsOf((sample) => sample.requests_per_sec ?? 'null'),
          listsOf((sample) => sample.latency_p95 ?? 'null'),
          listsOf((sample) => sample.error_rate ?? 'null'),
          listsOf((sample) => sample.cpu_usage ?? 'null'),
          listsOf((sample) => sample.memory_usage ?? 'null'),
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
