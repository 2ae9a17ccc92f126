import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { chown, mkdir, rmdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readOrCreatePrivateFile, readPrivateFile } from '../data-folder/private-file.ts';
import { errorCode } from '../model/start-error.ts';
import { EmbeddedDatabaseError } from './errors.ts';
import type { EmbeddedLog } from './log.ts';
import { runProgram, type SystemUser } from './run-program.ts';

export interface HomeInput {
  readonly dataDir: string;
  /** Who runs the server; null: the user who runs the service. */
  readonly user: SystemUser | null;
  /** Where homes go that can't be in the data folder. */
  readonly relocationRoot: string;
  readonly log: EmbeddedLog;
}

/** Where homes go by default that can't be in their data folder. */
export const RELOCATION_ROOT = '/var/lib';
const HOME_PREFIX = 'seqpulse-';
/** In a home elsewhere: which data folder it is of. */
const OWNER_FILE = 'belongs-to';

/**
 * The folder that belongs to the server's user: the cluster, its log, and a copy of the programs where needed.
 *
 * It is `postgres` in the data folder. Only a root service whose data folder the server's user can't reach (a clone
 * below /root, mode 700) has it elsewhere: opening /root to others is not ours to do, and a temporary folder would be
 * swept with the data in it. So it goes to the system's place for data, /var/lib, under a random name that is written
 * down in the data folder: whoever removes the data folder begins anew, and no other clone can meet this one's data.
 */
export async function settleHome(input: HomeInput): Promise<string> {
  const { dataDir, user } = input;
  const inPlace = homeInPlace(dataDir);
  const record = placeRecord(dataDir);
  const recorded = await readPrivateFile(record);
  if (recorded !== null) {
    if (await exists(recorded)) return recorded;
    throw new EmbeddedDatabaseError(
      `The database of ${dataDir} was kept in ${recorded}, which is gone: restore it from a backup, or remove ${record} to begin with an empty one.`,
    );
  }
  if (user === null || (await canEnter(user, dataDir))) {
    await makeFolder(inPlace, user);
    return inPlace;
  }
  if (await exists(join(inPlace, 'data'))) {
    throw new EmbeddedDatabaseError(
      `The database in ${inPlace} runs as the user with id ${user.uid}, who can't reach it any more: run \`chmod o+x\` on the folders above it.`,
    );
  }
  return relocate(input, user, record);
}

/** Where the home of this data folder is or will be, unless it has to go elsewhere. */
export async function expectedHome(dataDir: string): Promise<string> {
  return (await readPrivateFile(placeRecord(dataDir))) ?? homeInPlace(dataDir);
}

/** The homes in `relocationRoot` that belong to data folders in `folder`, whether or not those are still there. */
export function relocatedHomesOf(folder: string, relocationRoot: string = RELOCATION_ROOT): string[] {
  return readdirSync(relocationRoot)
    .filter((name) => name.startsWith(HOME_PREFIX))
    .map((name) => join(relocationRoot, name))
    .filter((home) => isInside(ownerOf(home), folder));
}

function ownerOf(home: string): string {
  try {
    return readFileSync(join(home, OWNER_FILE), 'utf8').trim();
  } catch {
    return '';
  }
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function homeInPlace(dataDir: string): string {
  return join(dataDir, 'postgres');
}

function placeRecord(dataDir: string): string {
  return join(dataDir, 'postgres-place');
}

async function relocate(input: HomeInput, user: SystemUser, record: string): Promise<string> {
  const candidate = join(input.relocationRoot, `${HOME_PREFIX}${randomBytes(6).toString('hex')}`);
  await makeFolder(candidate, user);
  // Of two first starts at once, one has its folder written down and both go there.
  const { content: home } = await readOrCreatePrivateFile(record, () => candidate);
  if (home !== candidate) {
    await rmdir(candidate);
    return home;
  }
  await writeFile(join(home, OWNER_FILE), `${input.dataDir}\n`, { flag: 'wx' });
  input.log('embedded_database.placed_elsewhere', {
    place: home,
    reason: `the user with id ${user.uid}, who runs PostgreSQL for root, can't reach ${input.dataDir}`,
  });
  return home;
}

async function makeFolder(path: string, user: SystemUser | null): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (user !== null && (await stat(path)).uid !== user.uid) await chown(path, user.uid, user.gid);
}

/** Asked of the system, as that user: modes alone don't tell (groups, access lists, mount options). */
async function canEnter(user: SystemUser, folder: string): Promise<boolean> {
  const { exitCode } = await runProgram('/bin/sh', ['-c', 'test -x "$1"', 'sh', folder], { cwd: '/', user });
  return exitCode === 0;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
