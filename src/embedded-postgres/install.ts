import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ensureDataDir } from '../data-folder/data-folder.ts';
import { readOrCreatePrivateFile } from '../data-folder/private-file.ts';
import { clusterFolder, ensureCluster } from './cluster.ts';
import { databaseUser } from './database-user.ts';
import { asEmbeddedDatabaseError, EmbeddedDatabaseError } from './errors.ts';
import { expectedHome, RELOCATION_ROOT, settleHome } from './home.ts';
import type { EmbeddedLog, TellStep } from './log.ts';
import { locatePrograms, type Platform, type Programs } from './programs.ts';
import type { Installation } from './start-server.ts';
import { usablePrograms } from './usable-programs.ts';

/** What belongs to the machine rather than to the service. Absent: this machine's own. */
export interface Machine {
  readonly platform?: Platform;
  /** Instead of those of the platform's package. */
  readonly programs?: Programs;
  /** Where a root service puts data that the server's user could not reach in the data folder. */
  readonly relocationRoot?: string;
  readonly passwdFile?: string;
}

export interface InstallInput {
  readonly dataDir: string;
  readonly durable: boolean;
  readonly log: EmbeddedLog;
  readonly onStep: TellStep;
  readonly machine: Machine;
}

/** Everything up to a cluster that can be started; what exists is used. Throws an EmbeddedDatabaseError. */
export async function install({ durable, log, onStep, machine, ...input }: InstallInput): Promise<Installation> {
  const dataDir = resolve(input.dataDir);
  const ownPlatform = { platform: process.platform, architecture: process.arch };
  const installed = machine.programs ?? locatePrograms(machine.platform ?? ownPlatform);
  try {
    await ensureDataDir(dataDir);
    const user = await databaseUser({
      dataFolder: clusterFolder(await expectedHome(dataDir)),
      dataDir,
      passwdFile: machine.passwdFile ?? '/etc/passwd',
    });
    // The real path: the server is recognised by it, also when the data folder is reached through another link.
    const relocationRoot = machine.relocationRoot ?? RELOCATION_ROOT;
    const home = await realpath(await settleHome({ dataDir, user, relocationRoot, log }));
    const password = await keptPassword(dataDir, home);
    const { programs, majorVersion } = await usablePrograms({ programs: installed, home, user, log });
    await ensureCluster({ home, user, programs, majorVersion, password, durable, log, onStep });
    return { dataDir, home, user, programs, password, log, onStep };
  } catch (error) {
    throw asEmbeddedDatabaseError(dataDir, error);
  }
}

async function keptPassword(dataDir: string, home: string): Promise<string> {
  const path = join(dataDir, 'postgres-password');
  const hadCluster = existsSync(join(clusterFolder(home), 'PG_VERSION'));
  const { content } = await readOrCreatePrivateFile(path, () => {
    if (!hadCluster) return randomBytes(24).toString('hex');
    throw new EmbeddedDatabaseError(
      `${path}, the password of the database beside it, is missing: restore it from a backup, or move ${clusterFolder(home)} away to begin with an empty database.`,
    );
  });
  return content;
}
