import type { Queryable } from './connection/pool.ts';

/**
 * Whether this secret key is the one that the database's encrypted values were written with. The first service on
 * a database leaves its mark; false = another key did so before.
 */
export async function claimSecretKey(connection: Queryable, keyCheck: Buffer): Promise<boolean> {
  await connection.query(
    `insert into seqpulse.installation (secret_key_check) values ($1) on conflict (only_row) do nothing`,
    [keyCheck],
  );
  const { rows } = await connection.query<{ matches: boolean }>(
    `select secret_key_check = $1 as matches from seqpulse.installation`,
    [keyCheck],
  );
  if (rows[0]?.matches === true) return true;
  // With nothing encrypted there is nothing to lose: the new key simply takes over.
  const taken = await connection.query(
    `update seqpulse.installation set secret_key_check = $1
     where not exists (select 1 from seqpulse.projects where hmac_secret_encrypted is not null)`,
    [keyCheck],
  );
  return taken.rowCount === 1;
}
