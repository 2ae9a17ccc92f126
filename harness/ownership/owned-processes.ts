import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { relocatedHomesOf } from '../../src/embedded-postgres/home.ts';

/** A process that belongs to a folder. */
export interface OwnedProcess {
  readonly pid: number;
  readonly parentPid: number;
  /** Its command line, words separated by blanks. */
  readonly command: string;
  /** One of a PostgreSQL server whose data are in the folder: it is ended after the programs that use it. */
  readonly ofDatabase: boolean;
  /** That server's first process, which ends the others. */
  readonly isPostmaster: boolean;
}

/**
 * The processes that belong to any of `folders`: those that were started with it, or a folder in it, as TMPDIR, and
 * those that work inside it (a PostgreSQL server is given no environment, but its data). Neither depends on who
 * started whom, which nobody can tell any more when a process in between has died. Linux only; empty elsewhere.
 */
export function ownedProcesses(folders: readonly string[], except: ReadonlySet<number> = new Set()): OwnedProcess[] {
  if (!existsSync('/proc/self/environ')) return [];
  const found: OwnedProcess[] = [];
  const places = withHomes(folders);
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid || except.has(pid)) continue;
    const worksIn = folderOf(pid);
    const worksInside = places.some((folder) => isInside(worksIn, folder));
    if (!worksInside && !folders.some((folder) => isInside(temporaryFolderOf(pid), folder))) continue;
    const parentPid = parentOf(pid);
    // It ended while it was looked at.
    if (parentPid === null) continue;
    const postmasterPid = worksInside ? postmasterIn(worksIn) : null;
    found.push({
      pid,
      parentPid,
      command: commandOf(pid),
      ofDatabase: postmasterPid !== null,
      isPostmaster: postmasterPid === pid,
    });
  }
  return found;
}

/** As root a database may live elsewhere, where its unprivileged user can reach it. */
export function withHomes(folders: readonly string[]): string[] {
  return [...folders, ...folders.flatMap((folder) => relocatedHomesOf(folder))];
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** Where it works; a folder that was removed below it is still named. Empty for one that has ended. */
function folderOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, '');
  } catch {
    return '';
  }
}

/** TMPDIR as it was when the process started. */
function temporaryFolderOf(pid: number): string {
  const entry = read(`/proc/${pid}/environ`)
    .split('\0')
    .find((one) => one.startsWith('TMPDIR='));
  return entry?.slice('TMPDIR='.length) ?? '';
}

/** The words of its command line, separated by blanks; empty when it has ended. */
function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
}

/** Process id; null when it is gone, or has ended and nobody has asked for its exit code. */
function parentOf(pid: number): number | null {
  const [state, parent] = read(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ');
  return parent === undefined || state === 'Z' || state === 'X' ? null : Number(parent);
}

function postmasterIn(folder: string): number | null {
  const pid = Number.parseInt(read(join(folder, 'postmaster.pid')), 10);
  return Number.isInteger(pid) ? pid : null;
}

/** Empty when it is not there, or somebody else's. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
