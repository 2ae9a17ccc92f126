import { randomBytes } from 'node:crypto';
import { chown, cp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../model/start-error.ts';
import { EmbeddedDatabaseError, programFailure, USE_ANOTHER_SERVER } from './errors.ts';
import type { EmbeddedLog } from './log.ts';
import { type Programs, programsIn } from './programs.ts';
import { type ProgramResult, runProgram, type SystemUser } from './run-program.ts';

export interface UsablePrograms {
  readonly programs: Programs;
  /** The part of the version that decides whether data fit: 18 of 18.4. */
  readonly majorVersion: string;
}

/**
 * Programs that the server's user can run: the installed ones, or for root a copy in the home (60 MB, 0.1 s) when that
 * user can't reach them, as in a clone below /root. Throws an EmbeddedDatabaseError when they don't run at all.
 */
export async function usablePrograms(input: {
  readonly programs: Programs;
  readonly home: string;
  readonly user: SystemUser | null;
  readonly log: EmbeddedLog;
}): Promise<UsablePrograms> {
  const { home, user, log } = input;
  let programs = input.programs;
  let result = await askVersion(programs);
  if (user !== null && isOutOfReach(result)) {
    programs = await copyPrograms(programs, home, user, log);
    result = await askVersion(programs);
  }
  const majorVersion = /PostgreSQL\) (\d+)/.exec(result.output)?.[1];
  if (result.exitCode === 0 && majorVersion !== undefined) return { programs, majorVersion };
  throw notRunnable(programs, user, result);

  function askVersion({ postgres }: Programs): Promise<ProgramResult> {
    return runProgram(postgres, ['--version'], { cwd: home, user });
  }
}

function isOutOfReach({ spawnError, output }: ProgramResult): boolean {
  return spawnError === 'EACCES' || /Permission denied/.test(output);
}

function notRunnable(programs: Programs, user: SystemUser | null, result: ProgramResult): EmbeddedDatabaseError {
  const { postgres } = programs;
  switch (result.spawnError) {
    case null:
      return programFailure('The embedded PostgreSQL', programs.folder, result.output);
    case 'ENOENT':
      // The file is there (locatePrograms looked): what is missing is the C library it was linked for.
      return new EmbeddedDatabaseError(
        `The embedded PostgreSQL needs glibc, which this system lacks (Alpine and other musl systems): ${USE_ANOTHER_SERVER}.`,
      );
    case 'EPERM':
    case 'EINVAL':
      return new EmbeddedDatabaseError(
        `PostgreSQL does not run as root, and programs can't be started as the user with id ${user?.uid ?? '?'} here: start as another user, or ${USE_ANOTHER_SERVER}.`,
      );
    default:
      return new EmbeddedDatabaseError(
        `${postgres} can't be run (${result.spawnError}): make it executable for the user who starts the service, or ${USE_ANOTHER_SERVER}.`,
      );
  }
}

async function copyPrograms(programs: Programs, home: string, user: SystemUser, log: EmbeddedLog): Promise<Programs> {
  const copy = {
    ...programs,
    ...programsIn(join(home, `programs-${programs.packageVersion}`), programs.packageVersion),
  };
  // A temporary name, then rename: a start that is killed half-way must not leave half of them for the next.
  const temporary = `${copy.folder}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    if (await isFolder(copy.folder)) return copy;
    await cp(programs.folder, temporary, { recursive: true, verbatimSymlinks: true });
    await chownAll(temporary, user);
    await rename(temporary, copy.folder);
    log('embedded_database.programs_copied', { from: programs.folder, to: copy.folder });
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    // Somebody who started at the same time was faster: the same programs.
    if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(error))) throw error;
  }
  return copy;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** Modes alone would not do: npm under umask 077 installs files that only their owner can read. */
async function chownAll(folder: string, { uid, gid }: SystemUser): Promise<void> {
  await chown(folder, uid, gid);
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isSymbolicLink()) await chown(join(entry.parentPath, entry.name), uid, gid);
  }
}
