import type { Queryable } from './connection/pool.ts';
import { BY_HOUR, HOURS_OF_DAYS, hoursAndDays, type Roll, rollSome } from './kpi-roll.ts';

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
const ROLL: Roll = {
  state: { table: 'seqpulse.kpi_rolled', prefix: 'rolled' },
  marks: 'seqpulse.kpi_changed_hours',
  grain: BY_HOUR,
  stepDays: 7,
  addUp: hoursAndDays(
    { table: 'seqpulse.kpi_hours', select: 'select * from seqpulse.count_deployments($1, $2)' },
    {
      table: 'seqpulse.kpi_days',
      select: `select date_trunc('day', hour, 'UTC'), env, ${SUMS} from seqpulse.kpi_hours where ${HOURS_OF_DAYS} group by 1, 2`,
    },
  ),
};

export function createKpiHours(connection: Queryable) {
  return {
    /** One step within a transaction; resolves with whether there is more to do ({@link rollSome}). */
    addUpSome: async (): Promise<boolean> => await rollSome(connection, ROLL),
  };
}
