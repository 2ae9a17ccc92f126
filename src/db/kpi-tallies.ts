import type { Queryable } from './connection/pool.ts';
import { BY_HOUR, HOURS_OF_DAYS, hoursAndDays, type Roll, rollSome } from './kpi-roll.ts';

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
const ROLL: Roll = {
  state: { table: 'seqpulse.kpi_tallied', prefix: 'tallied' },
  marks: 'seqpulse.kpi_tally_changes',
  grain: BY_HOUR,
  stepDays: 7,
  addUp: hoursAndDays(
    {
      table: 'seqpulse.kpi_tally_hours',
      select: 'select t.* from unnest($3::text[]) measure, seqpulse.tally(measure, $1, $2) t',
      values: [KPI_MEASURES],
    },
    {
      table: 'seqpulse.kpi_tally_days',
      select: `select measure, day, env, floor(bucket / 35.0), sum(count), array_agg(bucket order by bucket), array_agg(count order by bucket)
       from (
         select measure, date_trunc('day', hour, 'UTC') as day, env, b.bucket, sum(b.count)::integer as count
         from seqpulse.kpi_tally_hours cross join unnest(buckets, counts) b (bucket, count)
         where ${HOURS_OF_DAYS}
         group by 1, 2, 3, 4) counted
       group by 1, 2, 3, 4`,
    },
  ),
};

export function createKpiTallies(connection: Queryable) {
  return {
    /** One step within a transaction; resolves with whether there is more to do ({@link rollSome}). */
    addUpSome: async (): Promise<boolean> => await rollSome(connection, ROLL),
  };
}
