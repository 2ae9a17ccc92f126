import type { EnvironmentReads, LastReading } from '../model/environment.ts';
import { numbersOf } from '../model/sample.ts';
import { METRICS, type SampleNumbers } from '../verdict/types.ts';
import type { Queryable } from './connection/pool.ts';
import type { Shards } from './shards/shards.ts';

interface Row extends SampleNumbers {
  env: string;
  source_kind: EnvironmentReads['sourceKind'];
  series: number | null;
  collected_at: Date | null;
  tested_at: Date | null;
  test_error: string | null;
  read_error: string | null;
  read_error_at: Date | null;
  try_error: string | null;
  try_error_at: Date | null;
}

/** Deployments of an environment that are looked at for the newest sample and the newest failed try. */
const LAST_DEPLOYMENTS = 3;

const NEWEST = `select id from seqpulse.deployments d where d.project_id = $1 and d.env = e.name
    order by started_at desc, id desc limit ${LAST_DEPLOYMENTS}`;

/** How reading an environment has been going: from what its source's tests, the ring and its deployments left behind. */
export function createEnvironmentReads(connection: Queryable, shards: Pick<Shards, 'distributed'>) {
  // Rows from before there was the column are none where the tables are distributed.
  const ofProject = shards.distributed ? 'project_id = $1 and ' : '';
  return {
    /** A reading between deployments began to fail, or failed differently. Nothing where the environment is gone. */
    async recordError(projectId: string, env: string, error: string, at: Date): Promise<void> {
      await connection.query(
        `update seqpulse.environments set read_error = $3, read_error_at = $4 where project_id = $1 and name = $2`,
        [projectId, env, error, at],
      );
    },

    /** All environments of a project by name, without the ring: `series` says where in it to look. */
    async listOf(projectId: string): Promise<(EnvironmentReads & { readonly series: number | null })[]> {
      const { rows } = await connection.query<Row>(
        `select e.name as env, a.source_kind, s.id as series, newest.*, tested.tested_at, tested.test_error,
                e.read_error, e.read_error_at, failed.last_error as try_error, failed.last_error_at as try_error_at
         from seqpulse.environments e
         left join seqpulse.active_sources a on a.project_id = e.project_id and a.env = e.name
         left join seqpulse.baseline_series s on s.project_id = e.project_id and s.env = e.name and s.url = a.url
         left join lateral (
           select collected_at, ${METRICS.join(', ')} from seqpulse.samples
           where ${ofProject}deployment_id = any(array(${NEWEST})) order by collected_at desc limit 1) newest on true
         left join lateral (
           select last_error, last_error_at from seqpulse.failed_reads
           where ${ofProject}deployment_id = any(array(${NEWEST})) order by last_error_at desc limit 1) failed on true
         left join lateral (
           select last_tested_at as tested_at, last_test_error as test_error from (
             select env, last_tested_at, last_test_error from seqpulse.endpoints where project_id = e.project_id
             union all select env, last_tested_at, last_test_error from seqpulse.sources where project_id = e.project_id
           ) tests where env in (e.name, '') and last_tested_at is not null
           order by last_tested_at desc limit 1) tested on true
         where e.project_id = $1 order by e.name`,
        [projectId],
      );
      return rows.map(toReads);
    },
  };
}

function toReads(row: Row): EnvironmentReads & { readonly series: number | null } {
  const reading: LastReading | null =
    row.collected_at === null ? null : { at: row.collected_at, numbers: numbersOf(row), readMs: null };
  const errors = [
    { error: row.test_error, at: row.tested_at },
    { error: row.read_error, at: row.read_error_at },
    { error: row.try_error, at: row.try_error_at },
  ].flatMap(({ error, at }) => (error === null || at === null ? [] : [{ error, at }]));
  const passed = row.test_error === null ? row.tested_at : null;
  return {
    env: row.env,
    sourceKind: row.source_kind,
    series: row.series,
    reading,
    lastReadAt: [reading?.at ?? null, passed].reduce(later, null),
    lastError: errors.toSorted((one, other) => other.at.getTime() - one.at.getTime())[0] ?? null,
  };
}

export function later(one: Date | null, other: Date | null): Date | null {
  if (one === null || other === null) return one ?? other;
  return one > other ? one : other;
}
