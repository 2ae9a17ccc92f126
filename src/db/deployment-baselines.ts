import type { Sample } from '../verdict/types.ts';
import type { Queryable } from './pool.ts';

/**
 * What deployments' baselines were at their triggers: evidence, as their own samples are, for what is kept between
 * deployments lives a day only. Read by `samples.listOf`.
 */
export function createDeploymentBaselines(connection: Queryable) {
  return {
    /** Keeps the samples of each deployment, in the order given, as one row; none where there are none. */
    async keep(baselines: ReadonlyMap<string, readonly Sample[]>): Promise<void> {
      const kept = [...baselines].flatMap(([deploymentId, samples]) =>
        samples.map((sample, position) => ({ deploymentId, position, at: new Date(sample.collectedAtMs), sample })),
      );
      if (kept.length === 0) return;
      await connection.query(
        `insert into seqpulse.deployment_baselines
         select deployment_id, max(at), array_agg(at order by position), array_agg(rps order by position),
           array_agg(p95 order by position), array_agg(errors order by position), array_agg(cpu order by position),
           array_agg(memory order by position)
         from unnest($1::uuid[], $2::smallint[], $3::timestamptz[], $4::float8[], $5::float8[], $6::float8[],
           $7::float8[], $8::float8[]) as kept (deployment_id, position, at, rps, p95, errors, cpu, memory)
         group by deployment_id`,
        [
          kept.map(({ deploymentId }) => deploymentId),
          kept.map(({ position }) => position),
          kept.map(({ at }) => at),
          kept.map(({ sample }) => sample.requests_per_sec),
          kept.map(({ sample }) => sample.latency_p95),
          kept.map(({ sample }) => sample.error_rate),
          kept.map(({ sample }) => sample.cpu_usage),
          kept.map(({ sample }) => sample.memory_usage),
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
