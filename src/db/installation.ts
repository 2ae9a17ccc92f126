import type { Queryable } from './connection/pool.ts';
import { ANY_SEALED } from './sealed-values.ts';

/**
 * Whether this secret key is the one that the database's encrypted values were written with. The first service on
 * a database leaves its mark; false = another key than these two did so before.
 */
export async function claimSecretKey(
  connection: Queryable,
  keyCheck: Buffer,
  previousKeyCheck: Buffer | null,
): Promise<boolean> {
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
     where secret_key_check = $2 or not (${ANY_SEALED})`,
    [keyCheck, previousKeyCheck],
  );
  return taken.rowCount === 1;
}
