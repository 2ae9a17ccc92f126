import type { DeploymentKey } from '../../model/deployment.ts';
import { factsOf } from '../../model/sample.ts';
import { METRICS, type Sample } from '../../verdict/types.ts';
import type { Queryable } from '../connection/pool.ts';
import { deleteSome } from '../shards/delete-some.ts';
import { inProject, type Shards } from '../shards/shards.ts';
import { fromFacts } from '../stored-shapes.ts';

/** The parameter after the lists. */
const PROJECT = METRICS.length + 5;

/**
 * What deployments' baselines were at their triggers: evidence, as their own samples are, for what is kept between
 * deployments lives a day only. Read by `samples.listOf`.
 */
export function createDeploymentBaselines(connection: Queryable, shards: Shards) {
  async function keepOf(kept: readonly (readonly [DeploymentKey, readonly Sample[]])[], projectId: string | null) {
    // A list for each deployment is a list of lists, of different lengths: as text, for PostgreSQL's arrays are square.
    const listsOf = (elementOf: (sample: Sample) => number | string | null) =>
      kept.map(([, samples]) => `{${samples.map((sample) => elementOf(sample) ?? 'null').join(',')}}`);
    await connection.query(
      `insert into seqpulse.deployment_baselines (project_id, deployment_id, newest_at, collected_at, facts, ${METRICS.join(', ')})
       select owner.project_id, deployment_id, newest_at, collected_at::timestamptz[], facts::jsonb[], ${METRICS.map((name) => `${name}::float8[]`).join(', ')}
       from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], ${METRICS.map((_, index) => `$${index + 5}::text[]`).join(', ')})
         as kept (deployment_id, newest_at, collected_at, facts, ${METRICS.join(', ')})
       cross join lateral (
         select d.project_id from seqpulse.deployments d
         where d.id = kept.deployment_id and ${inProject(PROJECT, 'd.')} offset 0) owner`,
      [
        kept.map(([{ id }]) => id),
        kept.map(([, samples]) => new Date(Math.max(...samples.map((sample) => sample.collectedAtMs)))),
        listsOf((sample) => new Date(sample.collectedAtMs).toISOString()),
        kept.map(([, samples]) => listOfFacts(samples)),
        ...METRICS.map((name) => listsOf((sample) => sample[name])),
        projectId,
      ],
    );
  }

  return {
    /**
     * Keeps the samples of each stored deployment, in the order given, as one row; none where there are none. Sent at once: the
     * deployments may be stored by a statement that is still on its way.
     */
    async keep(baselines: ReadonlyMap<DeploymentKey, readonly Sample[]>): Promise<void> {
      const kept = [...baselines].filter(([, samples]) => samples.length > 0);
      if (kept.length === 0) return;
      if (!shards.distributed) return await keepOf(kept, null);
      const ofProjects = Map.groupBy(kept, ([{ projectId }]) => projectId);
      await Promise.all([...ofProjects].map(async ([projectId, ofProject]) => await keepOf(ofProject, projectId)));
    },

    /** Deletes baselines whose newest sample was read before `before`, {@link deleteSome}; returns how many went. */
    prune: async (before: Date, limit: number): Promise<number> =>
      await deleteSome(connection, shards, {
        table: 'seqpulse.deployment_baselines',
        where: 'newest_at < $1',
        value: before,
        limit,
      }),
  };
}

/** null where no sample has any: most sources know none. */
function listOfFacts(samples: readonly Sample[]): string | null {
  const facts = samples.map(factsOf);
  if (facts.every((one) => one === null)) return null;
  const elements = facts.map((one) => (one === null ? 'null' : JSON.stringify(fromFacts(one))));
  return `{${elements.join(',')}}`;
}
