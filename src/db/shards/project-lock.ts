import type { Queryable } from '../connection/pool.ts';
import type { Shards } from './shards.ts';

/**
 * What all that gives a project's deployments their numbers holds first, until its transaction ends. Where the tables are
 * distributed, not the project's row: that is on every node, and to lock one of them locks all projects.
 */
export const LOCK_NUMBERS = `select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('seqpulse ' || $1::text, 0))`;

/** null: the project is gone. */
export async function lockProject(
  connection: Queryable,
  { distributed }: Pick<Shards, 'distributed'>,
  projectId: string,
): Promise<{ readonly observationWindowMinutes: number } | null> {
  if (distributed) await connection.query(LOCK_NUMBERS, [projectId]);
  const { rows } = await connection.query<{ observation_window_minutes: number }>(
    `select observation_window_minutes from seqpulse.projects where id = $1 ${distributed ? '' : 'for no key update'}`,
    [projectId],
  );
  return rows[0] === undefined ? null : { observationWindowMinutes: rows[0].observation_window_minutes };
}
