import { readFile, stat } from 'node:fs/promises';
import { errorCode } from '../model/start-error.ts';
import { EmbeddedDatabaseError, USE_ANOTHER_SERVER } from './errors.ts';
import type { SystemUser } from './run-program.ts';

interface PasswdEntry extends SystemUser {
  readonly name: string;
}

/** Users made for this, or for owning nothing, before any other. */
const PREFERRED_NAMES = ['postgres', '_postgres', 'nobody', 'daemon'];

/**
 * Who runs the database server; null: the user who runs the service. PostgreSQL refuses to run as root, so for root it
 * is somebody else: the owner of the data that exist, else the owner of the data folder (a developer who typed `sudo`
 * once), else an unprivileged user of the system. initdb wants that user to have an entry in /etc/passwd.
 */
export async function databaseUser(input: {
  readonly dataFolder: string;
  readonly dataDir: string;
  readonly passwdFile: string;
}): Promise<SystemUser | null> {
  if (process.geteuid?.() !== 0) return null;
  const dataOwner = await ownerOf(input.dataFolder);
  if (dataOwner !== null && dataOwner.uid !== 0) return dataOwner;

  const entries = await readPasswd(input.passwdFile);
  const folderOwner = await ownerOf(input.dataDir);
  const owner = entries.find(({ uid }) => uid !== 0 && uid === folderOwner?.uid);
  const preferred = PREFERRED_NAMES.map((name) => entries.find((entry) => entry.name === name && isUsable(entry)));
  const chosen = owner ?? preferred.find((entry) => entry !== undefined) ?? entries.find(isUsable);
  if (chosen === undefined) {
    throw new EmbeddedDatabaseError(
      `PostgreSQL does not run as root, and ${input.passwdFile} names no other user: add one, start as another user, or ${USE_ANOTHER_SERVER}.`,
    );
  }
  return { uid: chosen.uid, gid: chosen.gid };
}

async function ownerOf(path: string): Promise<SystemUser | null> {
  try {
    const { uid, gid } = await stat(path);
    return { uid, gid };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** An id that can be asked for: macOS writes nobody's as -2. */
function isUsable({ uid, gid }: PasswdEntry): boolean {
  return uid > 0 && gid > 0;
}

async function readPasswd(path: string): Promise<PasswdEntry[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.split(':'))
    .map(([name = '', , uid = '', gid = '']) => ({
      name,
      uid: Number.parseInt(uid, 10),
      gid: Number.parseInt(gid, 10),
    }))
    .filter(({ uid, gid }) => Number.isInteger(uid) && Number.isInteger(gid));
}
