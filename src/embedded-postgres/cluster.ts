import { randomBytes } from 'node:crypto';
import { chown, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../model/start-error.ts';
import { EmbeddedDatabaseError, programFailure, USE_ANOTHER_SERVER } from './errors.ts';
import type { EmbeddedLog, TellStep } from './log.ts';
import { processIsAlive } from './process-state.ts';
import { runProgram, type SystemUser } from './run-program.ts';
import type { UsablePrograms } from './usable-programs.ts';

/** PostgreSQL's own locale: the same order of text on every system, and no index broken by a new libc. */
const BUILTIN_LOCALE = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'] as const;

/** The superuser of the cluster, who owns everything in it. */
export const DATABASE_ROLE = 'seqpulse';

export interface ClusterInput extends UsablePrograms {
  readonly home: string;
  readonly user: SystemUser | null;
  readonly password: string;
  /** false: not forced to disk. For tests alone: a power cut may leave it broken. */
  readonly durable: boolean;
  readonly log: EmbeddedLog;
  readonly onStep: TellStep;
}

export function clusterFolder(home: string): string {
  return join(home, 'data');
}

/** Makes the cluster where there is none. Throws an EmbeddedDatabaseError when the one there is can't be used. */
export async function ensureCluster(input: ClusterInput): Promise<void> {
  const folder = clusterFolder(input.home);
  const version = await readVersion(folder);
  if (version === input.majorVersion) return;
  if (version !== null) {
    throw new EmbeddedDatabaseError(
      `The data in ${folder} belong to PostgreSQL ${version}, and the embedded one is ${input.majorVersion}: start the release of SeqPulse that made them, move ${folder} away to begin with an empty database, or ${USE_ANOTHER_SERVER}.`,
    );
  }
  if ((await entriesOf(folder)).length > 0) {
    throw new EmbeddedDatabaseError(
      `${folder} holds files but no PostgreSQL database: move them away, or set SEQPULSE_DATA_DIR to another folder.`,
    );
  }
  await removeLeftovers(input.home);
  await initialise(input, folder);
}

/**
 * initdb in a folder of its own, which then takes the name: a start that is killed half-way leaves nothing that looks
 * like a database, and of two first starts at once the slower finds the name taken and uses what is there.
 */
async function initialise(input: ClusterInput, folder: string): Promise<void> {
  const { home, user, programs, log } = input;
  input.onStep('making');
  const startedMs = performance.now();
  const workshop = join(home, `initdb-${process.pid}-${randomBytes(6).toString('hex')}`);
  try {
    await mkdir(workshop, { mode: 0o700 });
    if (user !== null) await chown(workshop, user.uid, user.gid);
    const passwordFile = join(workshop, 'password');
    await writePassword(passwordFile, input.password, user);
    const unfinished = join(workshop, 'data');
    const result = await runProgram(
      programs.initdb,
      [
        `--username=${DATABASE_ROLE}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        ...(programs.localeArguments ?? BUILTIN_LOCALE),
        '--no-instructions',
        ...(input.durable ? [] : ['--no-sync']),
      ],
      { cwd: workshop, user, dataFolder: unfinished },
    );
    if (result.exitCode !== 0) throw programFailure('initdb', home, result.output || (result.spawnError ?? ''));
    await rename(unfinished, folder);
    log('embedded_database.initialised', { folder, seconds: (performance.now() - startedMs) / 1000 });
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(error))) throw error;
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

async function writePassword(path: string, password: string, user: SystemUser | null): Promise<void> {
  await using file = await open(path, 'wx', 0o600);
  if (user !== null) await file.chown(user.uid, user.gid);
  await file.writeFile(`${password}\n`);
}

/** What starts that were killed left in the home, the password among it. */
async function removeLeftovers(home: string): Promise<void> {
  for (const name of await entriesOf(home)) {
    const pid = /^initdb-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !(await processIsAlive(Number(pid)))) {
      await rm(join(home, name), { recursive: true, force: true });
    }
  }
}

async function readVersion(folder: string): Promise<string | null> {
  try {
    return (await readFile(join(folder, 'PG_VERSION'), 'utf8')).trim();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
