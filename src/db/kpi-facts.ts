import type { Queryable } from './connection/pool.ts';
import { type Roll, rollSome } from './kpi-roll.ts';

/** What tables by project are made of, each as its view has it. */
const MEASURES = ['deployments', 'feedback', 'dora'] as const;

/** The facts of each environment's deployments, four weeks a row (migration 0040): only of projects that something changed for. */
const ROLL: Roll = {
  state: { table: 'seqpulse.kpi_gathered', prefix: 'gathered' },
  marks: 'seqpulse.kpi_fact_changes',
  grain: { start: (hour) => `seqpulse.kpi_period(${hour})`, hours: 28 * 24 },
  stepDays: 0,
  addUp: async (connection, from, before, hours) => {
    await connection.query(
      'select seqpulse.gather_facts(measure, $1, $2, $3::timestamptz[]) from unnest($4::text[]) measure',
      [from, before, hours, MEASURES],
    );
  },
};

export function createKpiFacts(connection: Queryable) {
  return {
    /** One step within a transaction; resolves with whether there is more to do ({@link rollSome}). */
    addUpSome: async (): Promise<boolean> => await rollSome(connection, ROLL),
  };
}
