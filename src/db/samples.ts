import type { NewSample, StoredPost, StoredSample } from '../model/sample.ts';
import { METRICS } from '../verdict/types.ts';
import type { Queryable } from './connection/pool.ts';
import { isInState } from './deployments/rows.ts';
import { type SampleRow, SELECT_SAMPLES, toStoredSample } from './sample-rows.ts';
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
export function createSamples(connection: Queryable, unprepared: Queryable) {
  return {
    /**
     * Stores readings from before, in one statement: only while their deployments still run, and none twice. In the
     * order given, "dropped" where nothing waits for one any more, or it is stored already.
     */
    async storePres(samples: readonly NewSample[]): Promise<('stored' | 'dropped')[]> {
      const { rows } = await unprepared.query<{ deployment_id: string; sequence: number }>(
        `with waiting as materialized (
           select id, project_id from seqpulse.deployments
           where id = any($1::uuid[]) and ${isInState('running')} and collection_ended is null for key share)
         insert into seqpulse.samples ${COLUMNS_AND_PROJECT}
         select new.*, waiting.project_id from unnest(${LISTS}) as new ${COLUMNS}
         join waiting on waiting.id = new.deployment_id
         on conflict (deployment_id, phase, sequence) do nothing returning deployment_id, sequence`,
        columnsOf(samples),
      );
      const stored = new Set(rows.map((row) => `${row.deployment_id} ${row.sequence}`));
      return samples.map(({ deploymentId, sequence }) =>
        stored.delete(`${deploymentId} ${sequence}`) ? 'stored' : 'dropped',
      );
    },

    /**
     * Stores readings from after and counts them as settled, in one statement: both or neither, once. The primary key is
     * the fence: a worker that was taken for dead and comes back stores nothing a second time. Answers in the order given;
     * of one deployment's readings the last one tells that all have settled.
     */
    async storePosts(samples: readonly NewSample[]): Promise<StoredPost[]> {
      const { rows } = await unprepared.query<{
        deployment_id: string;
        settled: number;
        expected: number;
        window_ends_at: Date;
        stored: number[];
      }>(
        `with waiting as materialized (
           select id, project_id from seqpulse.deployments
           where id = any($1::uuid[]) and ${isInState('finished')} and collection_ended is null
           order by id for no key update),
         stored as (
           insert into seqpulse.samples ${COLUMNS_AND_PROJECT}
           select new.*, waiting.project_id from unnest(${LISTS}) as new ${COLUMNS}
           join waiting on waiting.id = new.deployment_id
           on conflict (deployment_id, phase, sequence) do nothing returning deployment_id, sequence),
         sums as (select deployment_id, array_agg(sequence::integer) as sequences from stored group by deployment_id)
         update seqpulse.deployments d
         set post_settled = least(d.post_expected, d.post_settled + coalesce(cardinality(sums.sequences), 0))
         from waiting left join sums on sums.deployment_id = waiting.id
         where d.id = any($1::uuid[]) and d.id = waiting.id
         returning d.id as deployment_id, d.post_settled as settled, d.post_expected as expected, d.window_ends_at,
                   coalesce(sums.sequences, '{}') as stored`,
        columnsOf(samples),
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
    },

    /** Its own and those of its baseline, oldest first. */
    async listOf(deploymentId: string): Promise<StoredSample[]> {
      const { rows } = await connection.query<SampleRow>(
        `${SELECT_SAMPLES} order by collected_at, phase desc, sequence`,
        [deploymentId],
      );
      return rows.map(toStoredSample);
    },

    /** Deletes up to `limit` samples read before `before`; returns how many went. */
    async prune(before: Date, limit: number): Promise<number> {
      const { rowCount } = await connection.query(
        `delete from seqpulse.samples where ctid = any(array(
           select ctid from seqpulse.samples where collected_at < $1 limit $2))`,
        [before, limit],
      );
      return rowCount ?? 0;
    },
  };
}
