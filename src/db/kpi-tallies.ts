import type { Queryable } from './connection/pool.ts';
import { rollSome } from './kpi-roll.ts';

/** What is added up, each as its view has it: durations into buckets, the other two into counts. */
export const KPI_MEASURES = [
  'seconds_to_verdict',
  'lead_time_seconds',
  'seconds_to_restore',
  'seconds_to_recover',
  'dora',
  'samples',
] as const;

/** Durations of panels over all projects, DORA's counts and those of samples, by the hour and the day (migration 0037). */
export function createKpiTallies(connection: Queryable) {
  /** One statement after the other: what is deleted first is read again. */
  async function addUp(from: Date, before: Date): Promise<void> {
    const hours = [from, before];
    await connection.query('delete from seqpulse.kpi_tally_hours where hour >= $1 and hour < $2', hours);
    await connection.query(
      `insert into seqpulse.kpi_tally_hours
       select t.* from unnest($3::text[]) measure, seqpulse.tally(measure, $1, $2) t`,
      [...hours, KPI_MEASURES],
    );
    // Days of which only some hours are added up are not read yet.
    await connection.query(
      `delete from seqpulse.kpi_tally_days where day >= date_trunc('day', $1::timestamptz, 'UTC') and day < $2`,
      hours,
    );
    await connection.query(
      `insert into seqpulse.kpi_tally_days
       select measure, day, env, floor(bucket / 35.0), sum(count), array_agg(bucket order by bucket), array_agg(count order by bucket)
       from (
         select measure, date_trunc('day', hour, 'UTC') as day, env, b.bucket, sum(b.count)::integer as count
         from seqpulse.kpi_tally_hours cross join unnest(buckets, counts) b (bucket, count)
         where hour >= date_trunc('day', $1::timestamptz, 'UTC')
           and hour < date_trunc('day', $2::timestamptz - interval '1 hour', 'UTC') + interval '24 hours'
         group by 1, 2, 3, 4) counted
       group by 1, 2, 3, 4`,
      hours,
    );
  }

  const roll = {
    state: { table: 'seqpulse.kpi_tallied', prefix: 'tallied' },
    marks: 'seqpulse.kpi_tally_changes',
    addUp,
  };
  return {
    /** One step within a transaction; resolves with whether there is more to do ({@link rollSome}). */
    addUpSome: async (): Promise<boolean> => await rollSome(connection, roll),
  };
}
