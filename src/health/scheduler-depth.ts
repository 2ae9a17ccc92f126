import type { Queryable } from '../db/connection/pool.ts';
import type { SchedulerDepth, SchedulerState } from '../model/job.ts';

const LIFECYCLE_QUEUES = ['pre_collect', 'post_collect', 'analysis'];
const OVERDUE_SECONDS = 30;

/**
 * Written as `state in ('created', 'retry')` on purpose: that form is an index-only scan (2 ms with a million
 * finished jobs), `state < 'active'` is a scan of the table (70 ms).
 */
export async function readSchedulerDepth(connection: Queryable, now: Date): Promise<SchedulerDepth> {
  const { rows } = await connection.query<{ pending: string; overdue: string }>(
    `select count(*) as pending, count(*) filter (where start_after < $2) as overdue
     from pgboss.job where name = any($1) and state in ('created', 'retry')`,
    [LIFECYCLE_QUEUES, new Date(now.getTime() - OVERDUE_SECONDS * 1000)],
  );
  return { pending: Number(rows[0]?.pending ?? 0), overdue: Number(rows[0]?.overdue ?? 0) };
}

/** @param depths tells how many wait, and knows when that is too costly to count again. */
export async function readSchedulerState(
  connection: Queryable,
  depths: { current(): Promise<SchedulerDepth> },
  now: Date,
): Promise<SchedulerState> {
  const depth = await depths.current();
  const { rows } = await connection.query<{ running: string; failed: string }>(
    `select (select count(*) from pgboss.job where name = any($1) and state = 'active') as running,
            (select count(*) from seqpulse.job_failures where failed_at > $2) as failed`,
    [LIFECYCLE_QUEUES, new Date(now.getTime() - 3_600_000)],
  );
  return { ...depth, running: Number(rows[0]?.running ?? 0), failedLastHour: Number(rows[0]?.failed ?? 0) };
}
