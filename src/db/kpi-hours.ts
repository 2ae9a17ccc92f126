import type { Queryable } from './connection/pool.ts';
import { rollSome } from './kpi-roll.ts';

/** The columns that count, of hours and of days, in the order of the tables. */
export const KPI_COUNTS = [
  'deployments',
  'abandoned',
  'ok',
  'attention',
  'rollback_recommended',
  'insufficient_data',
  'marked',
  'alarms_marked',
  'alarms_correct',
] as const;
const SUMS = KPI_COUNTS.map((column) => `sum(${column})::integer`).join(', ');

/** What panels over all projects count, by the hour and the day (migration 0033). */
export function createKpiHours(connection: Queryable) {
  /** One statement after the other: what is deleted first is read again. */
  async function addUp(from: Date, before: Date): Promise<void> {
    const hours = [from, before];
    await connection.query('delete from seqpulse.kpi_hours where hour >= $1 and hour < $2', hours);
    await connection.query('insert into seqpulse.kpi_hours select * from seqpulse.count_deployments($1, $2)', hours);
    // Days of which only some hours are added up are not read yet.
    await connection.query(
      `delete from seqpulse.kpi_days where day >= date_trunc('day', $1::timestamptz, 'UTC') and day < $2`,
      hours,
    );
    await connection.query(
      `insert into seqpulse.kpi_days
       select date_trunc('day', hour, 'UTC'), env, ${SUMS}
       from seqpulse.kpi_hours
       where hour >= date_trunc('day', $1::timestamptz, 'UTC')
         and hour < date_trunc('day', $2::timestamptz - interval '1 hour', 'UTC') + interval '24 hours'
       group by 1, 2`,
      hours,
    );
  }

  const roll = {
    state: { table: 'seqpulse.kpi_rolled', prefix: 'rolled' },
    marks: 'seqpulse.kpi_changed_hours',
    addUp,
  };
  return {
    /** One step within a transaction; resolves with whether there is more to do ({@link rollSome}). */
    addUpSome: async (): Promise<boolean> => await rollSome(connection, roll),
  };
}
