import { access, chmod, constants, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { errorCode, StartError } from '../model/start-error.ts';

/**
 * Makes the data folder where it is missing. Root's is 0711, for the embedded PostgreSQL runs as another user who has to
 * pass through to a folder of its own; anybody else's is 0700. A folder that root made as 0700 and left empty (`mktemp -d`)
 * counts as missing; any other keeps its mode. Throws a StartError when there can be none.
 */
export async function ensureDataDir(dataDir: string): Promise<void> {
  const isRoot = process.geteuid?.() === 0;
  try {
    const firstMade = await makeFolders(resolve(dataDir));
    // mkdir's own mode would pass through the umask, and 077 is common for root.
    if (firstMade !== undefined) await chmod(dataDir, isRoot ? 0o711 : 0o700);
    else if (isRoot && (await isClosedAndEmpty(dataDir))) await chmod(dataDir, 0o711);
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new StartError(whyNot(dataDir, errorCode(cause)), { cause });
  }
}

/**
 * `mkdir -p`; resolves with the topmost folder it made, or undefined when all were there. Rejects as mkdir does. Not
 * Node's `recursive`: that one runs for ever on a file system which answers ENOENT although the parent is there (/proc).
 */
async function makeFolders(path: string): Promise<string | undefined> {
  let made: boolean;
  let firstMade: string | undefined;
  try {
    made = await makeFolder(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
    firstMade = await makeFolders(dirname(path));
    made = await makeFolder(path);
  }
  return firstMade ?? (made ? path : undefined);
}

/** False when it was there. */
async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST' && (await stat(path)).isDirectory()) return false;
    throw error;
  }
}

async function isClosedAndEmpty(folder: string): Promise<boolean> {
  const { mode, uid } = await stat(folder);
  return uid === 0 && (mode & 0o777) === 0o700 && (await readdir(folder)).length === 0;
}

/** One line for a file system error met in the data folder. `code`: ENOSPC, EACCES, … */
export function whyNot(path: string, code: string): string {
  const setting = 'set SEQPULSE_DATA_DIR to another folder';
  switch (code) {
    case 'EEXIST':
      return `The data folder ${path} is a file, not a folder: remove it or ${setting}.`;
    case 'ENOTDIR':
      return `The data folder ${path} can't be made, because something above it is a file: ${setting}.`;
    case 'EACCES':
    case 'EPERM':
      return `The user with id ${process.geteuid?.() ?? '?'} may not write to ${path}: give it the right to, or ${setting}.`;
    case 'EROFS':
      return `${path} is on a read-only file system: ${setting}.`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `There is no space left on the disk of ${path}: free some, or ${setting}.`;
    default:
      return `The data folder ${path} can't be used (${code || 'unknown reason'}): put that right, or ${setting}.`;
  }
}
