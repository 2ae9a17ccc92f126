import type { Queryable } from './connection/pool.ts';

/** Every column that holds what SEQPULSE_SECRET_KEY encrypts, and the context that its values are bound to. */
const SEALED_COLUMNS = [
  { table: 'projects', column: 'hmac_secret_encrypted', context: 'id::text' },
  { table: 'sources', column: 'candidate_credentials_encrypted', context: `project_id || '/prometheus'` },
  { table: 'source_settings', column: 'credentials_encrypted', context: `project_id || '/prometheus'` },
  { table: 'notification_channels', column: 'target_encrypted', context: `'notification/' || id` },
] as const;

/** Gives each value another seal; `reseal` gives null where it is to stay. Returns how many were changed. */
export async function resealValues(
  connection: Queryable,
  reseal: (sealed: Buffer, context: string) => Buffer | null,
): Promise<number> {
  let changed = 0;
  for (const { table, column, context } of SEALED_COLUMNS) {
    const { rows } = await connection.query<{ context: string; sealed: Buffer }>(
      `select ${context} as context, ${column} as sealed from seqpulse.${table} where ${column} is not null`,
    );
    for (const row of rows) {
      const sealed = reseal(row.sealed, row.context);
      if (sealed === null) continue;
      // By its value, which no other has: what was set anew meanwhile stays.
      const { rowCount } = await connection.query(`update seqpulse.${table} set ${column} = $2 where ${column} = $1`, [
        row.sealed,
        sealed,
      ]);
      changed += rowCount ?? 0;
    }
  }
  return changed;
}

/** Whether there is any value that a key is needed for. */
export const ANY_SEALED = SEALED_COLUMNS.map(
  ({ table, column }) => `exists (select from seqpulse.${table} where ${column} is not null)`,
).join(' or ');
