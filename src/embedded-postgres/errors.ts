import { whyNot } from '../data-folder/data-folder.ts';
import { errorCode, StartError } from '../model/start-error.ts';

/** The embedded database can't serve. The message is one line that says why and what to do. */
export class EmbeddedDatabaseError extends StartError {
  override readonly name = 'EmbeddedDatabaseError';
}

/** What a person can always do instead. */
export const USE_ANOTHER_SERVER = 'set DATABASE_URL to a PostgreSQL server';

/** A file system error below the data folder, as the one line it comes to; anything else as it is. */
export function asEmbeddedDatabaseError(path: string, error: unknown): unknown {
  if (error instanceof EmbeddedDatabaseError) return error;
  if (error instanceof StartError) return new EmbeddedDatabaseError(error.message, { cause: error });
  const code = errorCode(error);
  const isSystemError = error instanceof Error && 'syscall' in error && code !== '';
  return isSystemError ? new EmbeddedDatabaseError(whyNot(path, code), { cause: error }) : error;
}

/**
 * One line for what initdb, pg_ctl or the server wrote before it gave up. `folder` is the one it worked in,
 * `what` completes "… failed".
 */
export function programFailure(what: string, folder: string, output: string): EmbeddedDatabaseError {
  if (/No space left on device|Disk quota exceeded/i.test(output)) {
    return new EmbeddedDatabaseError(whyNot(folder, 'ENOSPC'));
  }
  if (/Read-only file system/i.test(output)) return new EmbeddedDatabaseError(whyNot(folder, 'EROFS'));
  if (/could not look up effective user ID/i.test(output)) {
    return new EmbeddedDatabaseError(
      `PostgreSQL needs an entry in /etc/passwd for the user with id ${process.geteuid?.() ?? '?'}: add one, start as another user, or ${USE_ANOTHER_SERVER}.`,
    );
  }
  if (/error while loading shared libraries|Library not loaded/i.test(output)) {
    return new EmbeddedDatabaseError(
      `The embedded PostgreSQL lacks a library (${lastReason(output)}): run \`npm rebuild\`, which \`npm ci --ignore-scripts\` left out, or ${USE_ANOTHER_SERVER}.`,
    );
  }
  return new EmbeddedDatabaseError(
    `${what} failed in ${folder}: ${lastReason(output)}. Put that right, or ${USE_ANOTHER_SERVER}.`,
  );
}

/** The last line that names a reason, without the time and process in front of it; else the last line of all. */
export function lastReason(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const reason =
    lines.findLast((line) => /\b(PANIC|FATAL|ERROR|error):/.test(line)) ?? lines.at(-1) ?? 'no reason given';
  return reason
    .replace(/^.*?\b(PANIC|FATAL|ERROR|error):\s*/, '')
    .trim()
    .replace(/\.$/, '');
}
