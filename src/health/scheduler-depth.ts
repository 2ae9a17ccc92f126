import type { Queryable } from '../db/connection/pool.ts';
import type { SchedulerDepth, SchedulerState } from '../model/job.ts';

const LIFECYCLE_QUEUES = ['pre_collect', 'post_collect', 'analysis'];
const OVERDUE_SECONDS = 30;
/** Up to so many jobs are counted one by one; of more it is told what pg-boss counts for itself. */
const FEW = 1_000;
/** Seconds. pg-boss counts every 5 to 10 s, by one replica for all; older figures say that nobody does. */
const MONITOR_VALID_SECONDS = 30;

/**
 * Written as `state in ('created', 'retry')` on purpose: that form is an index-only scan (2 ms with a million
 * finished jobs), `state < 'active'` is a scan of the table (70 ms).
 */
const WAITING = `name = any($1) and state in ('created', 'retry')`;
/** `not blocked` chooses nobody: without it the index can't go straight to those that are due. */
const OVERDUE = `${WAITING} and not blocked and start_after < $2`;

/**
 * As cheap at any depth: what pg-boss wrote at its last pass over the queues, which it makes anyway, and beside it at
 * most `FEW` of what waits and of what is late. With many the first of these is not walked at all.
 */
export const NEAR_DEPTH = `
  with monitor as (
    select sum(queued_count) filter (where is_valid) as pending, sum(ready_count) filter (where is_valid) as due
    from (select queued_count, ready_count, monitor_on > $3 as is_valid from pgboss.queue where name = any($1)) queues
  )
  select pending as monitor_pending, due as monitor_due,
         case when pending > ${FEW} then null
           else (select count(*) from (select from pgboss.job where ${WAITING} limit ${FEW + 1}) few) end as waiting,
         (select count(*) from (select from pgboss.job where ${OVERDUE} limit ${FEW + 1}) few) as late
  from monitor`;

interface NearDepth {
  readonly monitor_pending: string | null;
  readonly monitor_due: string | null;
  /** null where pg-boss counted more than a few. */
  readonly waiting: string | null;
  readonly late: string;
}

export interface ReadDepth extends SchedulerDepth {
  /** Jobs that were walked over for it: 0 for what costs the same at any depth. */
  readonly walked: number;
}

/**
 * Exact up to 1,000 waiting jobs. Beyond, `pending` is as of pg-boss' last pass (5 to 10 s ago); past 1,000 overdue ones
 * `overdue` is too, and then holds those that fell due in the last 30 s. Where nobody makes such passes, or more came since
 * than a few, all are counted.
 */
export async function readSchedulerDepth(connection: Queryable, now: Date): Promise<ReadDepth> {
  const overdueBefore = secondsBefore(now, OVERDUE_SECONDS);
  const { rows } = await connection.query<NearDepth>(NEAR_DEPTH, [
    LIFECYCLE_QUEUES,
    overdueBefore,
    secondsBefore(now, MONITOR_VALID_SECONDS),
  ]);
  const [near] = rows;
  const late = Number(near?.late ?? 0);
  if (near !== undefined && near.waiting === null) {
    const pending = Number(near.monitor_pending);
    const overdue = late <= FEW ? late : Math.min(pending, Math.max(late, Number(near.monitor_due)));
    return { pending, overdue, walked: 0 };
  }
  const pending = Number(near?.waiting ?? 0);
  if (pending <= FEW) return { pending, overdue: Math.min(late, pending), walked: 0 };
  return await countAll(connection, overdueBefore);
}

async function countAll(connection: Queryable, overdueBefore: Date): Promise<ReadDepth> {
  const { rows } = await connection.query<{ pending: string; overdue: string }>(
    `select count(*) as pending, count(*) filter (where start_after < $2) as overdue from pgboss.job where ${WAITING}`,
    [LIFECYCLE_QUEUES, overdueBefore],
  );
  const pending = Number(rows[0]?.pending ?? 0);
  return { pending, overdue: Number(rows[0]?.overdue ?? 0), walked: pending };
}

const secondsBefore = (now: Date, seconds: number) => new Date(now.getTime() - seconds * 1000);

/** @param depths tells how many wait, and knows when that is too costly to count again. */
export async function readSchedulerState(
  connection: Queryable,
  depths: { current(): Promise<SchedulerDepth> },
  now: Date,
): Promise<SchedulerState> {
  const { pending, overdue } = await depths.current();
  const { rows } = await connection.query<{ running: string; failed: string }>(
    `select (select count(*) from pgboss.job where name = any($1) and state = 'active') as running,
            (select count(*) from seqpulse.job_failures where failed_at > $2) as failed`,
    [LIFECYCLE_QUEUES, secondsBefore(now, 3_600)],
  );
  return { pending, overdue, running: Number(rows[0]?.running ?? 0), failedLastHour: Number(rows[0]?.failed ?? 0) };
}
