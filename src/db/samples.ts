import type { NewSample, StoredPost, StoredSample } from '../model/sample.ts';
import { METRICS } from '../verdict/types.ts';
import type { Queryable } from './connection/pool.ts';
import { isInState } from './deployments/rows.ts';
import { type SampleRow, SELECT_SAMPLES, toStoredSample } from './sample-rows.ts';
import { deleteSome } from './shards/delete-some.ts';
import { inProject, type Shards } from './shards/shards.ts';
import { fromFacts, fromMissing } from './stored-shapes.ts';

const NAMES = `deployment_id, phase, sequence, due_at, collected_at, missing, facts, ${METRICS.join(', ')}`;
const COLUMNS = `(${NAMES})`;
const COLUMNS_AND_PROJECT = `(${NAMES}, project_id)`;
const TYPES = [
  'uuid',
  'text',
  'smallint',
  'timestamptz',
  'timestamptz',
  'jsonb',
  'jsonb',
  ...METRICS.map(() => 'float8'),
];
/** The parameter after the lists. */
const PROJECT = TYPES.length + 1;
const LISTS = TYPES.map((type, index) => `$${index + 1}::${type}[]`).join(', ');

function valuesOf({ deploymentId, phase, sequence, dueAt, collectedAt, reading }: NewSample): unknown[] {
  return [
    deploymentId,
    phase,
    sequence,
    dueAt,
    collectedAt,
    fromMissing(reading.missing),
    fromFacts(reading.facts),
    ...METRICS.map((name) => reading.numbers[name]),
  ];
}

/** The same for many: each parameter a list. */
function columnsOf(samples: readonly NewSample[]): unknown[][] {
  const rows = samples.map(valuesOf);
  return TYPES.map((_, index) => rows.map((row) => row[index]));
}

/** @param unprepared the same connection, for statements over many rows: their plan hangs on how full the tables are. */
export function createSamples(connection: Queryable, unprepared: Queryable, shards: Shards) {
  /** One statement for each group, answered in the order of the samples. */
  async function inGroups<Outcome>(
    samples: readonly NewSample[],
    store: (ofGroup: readonly NewSample[], projectId: string | null) => Promise<Outcome[]>,
  ): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    const places = samples.map((sample, place) => ({ sample, place }));
    for (const { items, projectId } of await shards.groups(places, ({ sample }) => sample.deploymentId)) {
      const ofGroup = items.map(({ sample }) => sample);
      const stored = await store(ofGroup, projectId);
      items.forEach(({ place }, index) => {
        outcomes[place] = stored[index] as Outcome;
      });
    }
    return outcomes;
  }

  async function storePresOf(
    samples: readonly NewSample[],
    projectId: string | null,
  ): Promise<('stored' | 'dropped')[]> {
    const { rows } = await unprepared.query<{ deployment_id: string; sequence: number }>(
      `with waiting as materialized (
         select id, project_id from seqpulse.deployments
         where id = any($1::uuid[]) and ${isInState('running')} and collection_ended is null and ${inProject(PROJECT)}
         for key share)
       insert into seqpulse.samples ${COLUMNS_AND_PROJECT}
       select new.*, waiting.project_id from unnest(${LISTS}) as new ${COLUMNS}
       join waiting on waiting.id = new.deployment_id
       on conflict do nothing returning deployment_id, sequence`,
      [...columnsOf(samples), projectId],
    );
    const stored = new Set(rows.map((row) => `${row.deployment_id} ${row.sequence}`));
    return samples.map(({ deploymentId, sequence }) =>
      stored.delete(`${deploymentId} ${sequence}`) ? 'stored' : 'dropped',
    );
  }

  async function storePostsOf(samples: readonly NewSample[], projectId: string | null): Promise<StoredPost[]> {
    const { rows } = await unprepared.query<{
      deployment_id: string;
      settled: number;
      expected: number;
      window_ends_at: Date;
      stored: number[];
    }>(
      `with waiting as materialized (
         select id, project_id from seqpulse.deployments
         where id = any($1::uuid[]) and ${isInState('finished')} and collection_ended is null and ${inProject(PROJECT)}
         order by id for no key update),
       stored as (
         insert into seqpulse.samples ${COLUMNS_AND_PROJECT}
         select new.*, waiting.project_id from unnest(${LISTS}) as new ${COLUMNS}
         join waiting on waiting.id = new.deployment_id
         on conflict do nothing returning deployment_id, sequence),
       sums as (select deployment_id, array_agg(sequence::integer) as sequences from stored group by deployment_id)
       update seqpulse.deployments d
       set post_settled = least(d.post_expected, d.post_settled + coalesce(cardinality(sums.sequences), 0))
       from waiting left join sums on sums.deployment_id = waiting.id
       where d.id = any($1::uuid[]) and d.id = waiting.id and ${inProject(PROJECT, 'd.')}
       returning d.id as deployment_id, d.post_settled as settled, d.post_expected as expected, d.window_ends_at,
                 coalesce(sums.sequences, '{}') as stored`,
      [...columnsOf(samples), projectId],
    );
    const found = new Map(rows.map((row) => [row.deployment_id, { ...row, stored: new Set(row.stored) }]));
    const last = new Map(samples.map(({ deploymentId }, index) => [deploymentId, index]));
    return samples.map(({ deploymentId, sequence }, index) => {
      const row = found.get(deploymentId);
      if (row === undefined) return { outcome: 'dropped', allSettled: false, settled: null, windowEndsAt: null };
      const isLast = last.get(deploymentId) === index;
      return {
        outcome: row.stored.delete(sequence) ? 'stored' : 'dropped',
        allSettled: isLast && row.settled >= row.expected,
        settled: isLast ? row.settled : null,
        windowEndsAt: row.window_ends_at,
      };
    });
  }

  return {
    /**
     * Stores readings from before, in one statement: only while their deployments still run, and none twice. In the
     * order given, "dropped" where nothing waits for one any more, or it is stored already.
     */
    storePres: async (samples: readonly NewSample[]) => await inGroups(samples, storePresOf),

    /**
     * Stores readings from after and counts them as settled, in one statement: both or neither, once. The primary key is
     * the fence: a worker that was taken for dead and comes back stores nothing a second time. Answers in the order given;
     * of one deployment's readings the last one tells that all have settled.
     */
    storePosts: async (samples: readonly NewSample[]) => await inGroups(samples, storePostsOf),

    /** Its own and those of its baseline, oldest first. */
    async listOf(deploymentId: string): Promise<StoredSample[]> {
      const { rows } = await connection.query<SampleRow>(
        `${SELECT_SAMPLES} order by collected_at, phase desc, sequence`,
        [deploymentId, await shards.projectOf(deploymentId)],
      );
      return rows.map(toStoredSample);
    },

    /** Deletes samples read before `before`, {@link deleteSome}; returns how many went. */
    prune: async (before: Date, limit: number): Promise<number> =>
      await deleteSome(connection, shards, {
        table: 'seqpulse.samples',
        where: 'collected_at < $1',
        value: before,
        limit,
      }),
  };
}
