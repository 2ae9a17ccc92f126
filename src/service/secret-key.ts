import type { SecretBox } from '../data-folder/secret-box.ts';
import type { Queryable } from '../db/connection/pool.ts';
import { claimSecretKey } from '../db/installation.ts';
import { StartError } from '../model/start-error.ts';

/** Throws a StartError when the database’s secrets were encrypted with another key. */
export async function claimSecretKeyOrExplain(connection: Queryable, secretBox: SecretBox): Promise<void> {
  if (await claimSecretKey(connection, secretBox.keyCheck)) return;
  throw new StartError(
    'SEQPULSE_SECRET_KEY is not the key that this database’s secrets were encrypted with: set the first one again.',
  );
}
