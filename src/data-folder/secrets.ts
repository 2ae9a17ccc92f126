import { join } from 'node:path';
import type { Config } from '../config/settings.ts';
import { SETTINGS } from '../config/settings.ts';
import { StartError } from '../model/start-error.ts';
import { ensureDataDir } from './data-folder.ts';
import { readOrCreatePrivateFile } from './private-file.ts';

export interface SecretsInput
  extends Pick<Config, 'dataDir' | 'adminToken' | 'adminTokenPrevious' | 'secretKeyHex' | 'secretKeyPreviousHex'> {
  /** Cryptographically strong. */
  readonly randomBytes: (count: number) => Buffer;
}

export interface Secrets {
  readonly adminToken: string;
  /** The one before, which is accepted too; null: there is none. */
  readonly previousAdminToken: string | null;
  /** 32 bytes. */
  readonly secretKey: Buffer;
  /** 32 bytes: what it sealed is opened too; null: there is none. */
  readonly previousSecretKey: Buffer | null;
  /** Sentences for the log: where a secret is kept, never what it is. Empty when both come from the environment. */
  readonly notices: readonly string[];
}

/** 256 bits, the strength of AES-256; as hexadecimal digits both files can be copied with a double click. */
const SECRET_BYTES = 32;

/**
 * Both secrets, from the environment or else from the data folder, where those that are missing are made (0600).
 * Starts at the same time agree on one value. Throws a StartError that names the file and what to do.
 */
export async function loadOrCreateSecrets(input: SecretsInput): Promise<Secrets> {
  const { dataDir, randomBytes } = input;
  const notices: string[] = [];
  if (input.adminToken === null || input.secretKeyHex === null) await ensureDataDir(dataDir);

  async function kept(fileName: string, what: string, setting: (typeof SETTINGS)['adminToken' | 'secretKeyHex']) {
    const path = join(dataDir, fileName);
    const { content, created } = await readOrCreatePrivateFile(path, () => randomBytes(SECRET_BYTES).toString('hex'));
    const parsed = setting.format.schema.safeParse(content);
    if (!parsed.success) {
      throw new StartError(
        `${path} does not hold ${setting.format.expected}: restore it from a backup, or set ${setting.name}.`,
      );
    }
    notices.push(created ? `${what} was made and is kept in ${path}.` : `${what} was read from ${path}.`);
    return parsed.data;
  }

  const adminToken = input.adminToken ?? (await kept('admin-token', 'The admin token', SETTINGS.adminToken));
  const secretKeyHex =
    input.secretKeyHex ?? (await kept('secret-key', 'The key that encrypts stored secrets', SETTINGS.secretKeyHex));
  return {
    adminToken,
    previousAdminToken: input.adminTokenPrevious,
    secretKey: Buffer.from(secretKeyHex, 'hex'),
    previousSecretKey: input.secretKeyPreviousHex === null ? null : Buffer.from(input.secretKeyPreviousHex, 'hex'),
    notices,
  };
}
