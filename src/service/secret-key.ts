import type { Logger } from 'pino';
import type { SecretBox } from '../data-folder/secret-box.ts';
import type { Queryable } from '../db/connection/pool.ts';
import { claimSecretKey } from '../db/installation.ts';
import { resealValues } from '../db/sealed-values.ts';
import { StartError } from '../model/start-error.ts';

/**
 * Makes this start's key the one of the database: what the previous one sealed gets a new seal. Throws a StartError when
 * the database's secrets were encrypted with neither.
 */
export async function claimSecretKeyOrExplain(connection: Queryable, secretBox: SecretBox, log: Logger): Promise<void> {
  if (!(await claimSecretKey(connection, secretBox.keyCheck, secretBox.previousKeyCheck))) {
    throw new StartError(
      'SEQPULSE_SECRET_KEY is not the key that this database’s secrets were encrypted with: set the first one again, or set it as SEQPULSE_SECRET_KEY_PREVIOUS beside the new one.',
    );
  }
  if (secretBox.previousKeyCheck === null) return;
  const count = await resealValues(connection, secretBox.reseal);
  log.info(
    { event: 'secrets_resealed', count },
    'stored secrets are encrypted with SEQPULSE_SECRET_KEY now: once every replica has it, SEQPULSE_SECRET_KEY_PREVIOUS can go',
  );
}
