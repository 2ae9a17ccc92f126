import { HOUR_MS } from './baselines/slots.ts';
import type { Queryable } from './connection/pool.ts';

/**
 * An hour is added up forty minutes after its end, by the database's clock: within half an hour of its time a deployment
 * changes without a mark (migrations 0033, 0037, 0040), and ten minutes are longer than any transaction of ours is open.
 */
const SETTLED = `date_trunc('hour', clock_timestamp() - interval '40 minutes', 'UTC')`;
/** Hours that changed, a step. */
const CHANGED = 100;

export interface Roll {
  /** A table of one row with `${prefix}_from` and `${prefix}_until`: what is added up. */
  readonly state: { readonly table: string; readonly prefix: string };
  /** A table of hours that changed. */
  readonly marks: string;
  /** What is added up anew at once, by its first hour and its length. */
  readonly grain: { readonly start: (hour: string) => string; readonly hours: number };
  /** Of the past, that much a step, from the start of a grain: about a second at a million deployments a year. */
  readonly stepDays: number;
  /** Adds up anew the hours from `from` until before `before`; where `hours` are given, only they have changed. */
  readonly addUp: (connection: Queryable, from: Date, before: Date, hours: readonly Date[] | null) => Promise<void>;
}

export const BY_HOUR: Roll['grain'] = { start: (hour) => hour, hours: 1 };

interface Sums {
  /** With a column `hour` or `day`. */
  readonly table: string;
  /** What is inserted for the hours from $1 to $2. */
  readonly select: string;
  /** From $3 on. */
  readonly values?: readonly unknown[];
}

/** Of the hours from $1 to $2: those of the whole days that they lie in. */
export const HOURS_OF_DAYS = `hour >= date_trunc('day', $1::timestamptz, 'UTC')
  and hour < date_trunc('day', $2::timestamptz - interval '1 hour', 'UTC') + interval '24 hours'`;

/** Whole hours and the days that they lie in, in place of what was there. One statement after the other: what is deleted first is read again. */
export function hoursAndDays(hours: Sums, days: Omit<Sums, 'values'>): Roll['addUp'] {
  return async (connection, from, before) => {
    const span = [from, before];
    await connection.query(`delete from ${hours.table} where hour >= $1 and hour < $2`, span);
    await connection.query(`insert into ${hours.table} ${hours.select}`, [...span, ...(hours.values ?? [])]);
    // Days of which only some hours are added up are not read yet.
    await connection.query(
      `delete from ${days.table} where day >= date_trunc('day', $1::timestamptz, 'UTC') and day < $2`,
      span,
    );
    await connection.query(`insert into ${days.table} ${days.select}`, span);
  };
}

/**
 * One step, which needs a transaction around it: hours that changed, hours that have ended since, and some days more of the
 * past. Resolves with whether there is more to do; at once where another replica is at it.
 */
export async function rollSome(connection: Queryable, roll: Roll): Promise<boolean> {
  const { state, marks, grain, stepDays, addUp } = roll;
  const { table, prefix } = state;
  const { rows } = await connection.query<{ from: Date | null; until: Date | null; settled: Date }>(
    `select ${prefix}_from as from, ${prefix}_until as until, ${SETTLED} as settled from ${table} for update skip locked`,
  );
  const [rolled] = rows;
  if (rolled === undefined) return false;
  const from = rolled.from ?? rolled.settled;
  const until = rolled.until ?? rolled.settled;

  // Marks first: a change that is not committed yet keeps its mark for the next step.
  const changed = await connection.query<{ start: Date; hours: Date[] }>(
    `with taken as (select distinct hour from ${marks} order by hour limit ${CHANGED}),
          unmarked as (delete from ${marks} c using taken where c.hour = taken.hour)
     select ${grain.start('hour')} as start, array_agg(hour) as hours from taken group by 1 order by 1`,
  );
  for (const { start, hours } of changed.rows) {
    const added = hours.filter((hour) => hour >= from && hour < until);
    const past = new Date(start.getTime() + grain.hours * HOUR_MS);
    if (added.length > 0) await addUp(connection, start, past, added);
  }
  if (until < rolled.settled) await addUp(connection, until, rolled.settled, null);
  // From the newest one back, not from where the last step ended: years without any are stepped over.
  const newest = `greatest(max(started_at) - interval '${stepDays} days', min(started_at))`;
  const earlier = await connection.query<{ start: Date | null }>(
    `select ${grain.start(`date_trunc('hour', ${newest}, 'UTC')`)} as start from seqpulse.deployments where started_at < $1`,
    [from],
  );
  const start = earlier.rows[0]?.start ?? null;
  if (start !== null) await addUp(connection, start, from, null);
  await connection.query(`update ${table} set ${prefix}_from = $1, ${prefix}_until = $2`, [
    start ?? from,
    until < rolled.settled ? rolled.settled : until,
  ]);
  return start !== null || changed.rows.flatMap(({ hours }) => hours).length === CHANGED;
}
