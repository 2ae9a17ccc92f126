import { HOUR_MS } from './baselines/slots.ts';
import type { Queryable } from './connection/pool.ts';

/**
 * An hour is added up forty minutes after its end, by the database's clock: within half an hour of its time a deployment
 * changes without a mark (migrations 0033, 0037), and ten minutes are longer than any transaction of ours is open.
 */
const SETTLED = `date_trunc('hour', clock_timestamp() - interval '40 minutes', 'UTC')`;
/** Of the past, that much a step: about a second at a million deployments a year. */
const STEP = `interval '7 days'`;
/** Hours that changed, a step. */
const CHANGED = 100;

export interface Roll {
  /** A table of one row with `${prefix}_from` and `${prefix}_until`: what is added up. */
  readonly state: { readonly table: string; readonly prefix: string };
  /** A table of hours that changed. */
  readonly marks: string;
  /** Whole hours from $1 to $2 and the days that they lie in; `values` from $3 on. */
  readonly hours: Sums;
  readonly days: Omit<Sums, 'values'>;
}

interface Sums {
  /** With a column `hour` or `day`. */
  readonly table: string;
  /** What is inserted. */
  readonly select: string;
  readonly values?: readonly unknown[];
}

/** Of the hours from $1 to $2: those of the whole days that they lie in. */
export const HOURS_OF_DAYS = `hour >= date_trunc('day', $1::timestamptz, 'UTC')
  and hour < date_trunc('day', $2::timestamptz - interval '1 hour', 'UTC') + interval '24 hours'`;

/** Adds up whole hours anew, in place of what was there. One statement after the other: what is deleted first is read again. */
async function addUp(connection: Queryable, { hours, days }: Roll, from: Date, before: Date): Promise<void> {
  const span = [from, before];
  await connection.query(`delete from ${hours.table} where hour >= $1 and hour < $2`, span);
  await connection.query(`insert into ${hours.table} ${hours.select}`, [...span, ...(hours.values ?? [])]);
  // Days of which only some hours are added up are not read yet.
  await connection.query(
    `delete from ${days.table} where day >= date_trunc('day', $1::timestamptz, 'UTC') and day < $2`,
    span,
  );
  await connection.query(`insert into ${days.table} ${days.select}`, span);
}

/**
 * One step, which needs a transaction around it: hours that changed, hours that have ended since, and a week more of the
 * past. Resolves with whether there is more to do; at once where another replica is at it.
 */
export async function rollSome(connection: Queryable, roll: Roll): Promise<boolean> {
  const { state, marks } = roll;
  const { table, prefix } = state;
  const add = async (from: Date, before: Date) => await addUp(connection, roll, from, before);
  const { rows } = await connection.query<{ from: Date | null; until: Date | null; settled: Date }>(
    `select ${prefix}_from as from, ${prefix}_until as until, ${SETTLED} as settled from ${table} for update skip locked`,
  );
  const [rolled] = rows;
  if (rolled === undefined) return false;
  const from = rolled.from ?? rolled.settled;
  const until = rolled.until ?? rolled.settled;

  // Marks first: a change that is not committed yet keeps its mark for the next step.
  const changed = await connection.query<{ hour: Date }>(
    `with taken as (select distinct hour from ${marks} order by hour limit ${CHANGED}),
          unmarked as (delete from ${marks} c using taken where c.hour = taken.hour)
     select hour from taken`,
  );
  for (const { hour } of changed.rows) {
    if (hour >= from && hour < until) await add(hour, new Date(hour.getTime() + HOUR_MS));
  }
  if (until < rolled.settled) await add(until, rolled.settled);
  // A week from the newest one back, not from where the last step ended: years without any are stepped over.
  const earlier = await connection.query<{ hour: Date | null }>(
    `select date_trunc('hour', greatest(max(started_at) - ${STEP}, min(started_at)), 'UTC') as hour
     from seqpulse.deployments where started_at < $1`,
    [from],
  );
  const start = earlier.rows[0]?.hour ?? null;
  if (start !== null) await add(start, from);
  await connection.query(`update ${table} set ${prefix}_from = $1, ${prefix}_until = $2`, [
    start ?? from,
    until < rolled.settled ? rolled.settled : until,
  ]);
  return start !== null || changed.rows.length === CHANGED;
}
