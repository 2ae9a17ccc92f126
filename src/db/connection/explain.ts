import pg from 'pg';
import type { Logger } from 'pino';
import { StartError } from '../../model/start-error.ts';
import { migrate } from './migrate.ts';

/** Brings the schema up to date. Throws a StartError that says in one line why the database can’t be used. */
export async function migrateOrExplain(connectionString: string, log: Logger, kpiSchema: string): Promise<void> {
  try {
    const newer = await migrate(connectionString, (message) => log.debug({ event: 'migration' }, message), kpiSchema);
    if (newer.length > 0) {
      log.warn(
        { event: 'schema_newer', migrations: newer },
        'a newer release has been at this database: what it added is left alone',
      );
    }
  } catch (cause) {
    if (cause instanceof StartError) throw cause;
    throw new StartError(explainDatabase(cause, 'DATABASE_URL'), { cause });
  }
}

/**
 * One line; the URL's password never shows because the URL does not.
 *
 * @param setting the environment variable that named the database.
 */
export function explainDatabase(cause: unknown, setting: string): string {
  const { code, message } = (cause ?? {}) as { code?: string; message?: string };
  const hint: Record<string, string> = {
    ECONNREFUSED: 'nothing listens at its host and port',
    ENOTFOUND: 'its host name does not resolve',
    ETIMEDOUT: 'its host does not answer',
    '25006': 'it is a standby, which accepts no writes',
    '28P01': 'it refuses the user or password',
    '28000': 'it refuses the user',
    '3D000': 'it has no database of that name',
    '42501': `its user lacks a right (${message ?? 'permission denied'})`,
    '53100': 'its disk is full',
    '53300': 'it has no free connection',
  };
  return `The database can’t be used: ${hint[code ?? ''] ?? (message || 'unknown reason')}. Check ${setting}.`;
}

/** What `start` gives; where a statement of it fails, a StartError says in one line why the database can’t be used. */
export async function startOrExplain<Value>(start: () => Promise<Value>): Promise<Value> {
  try {
    return await start();
  } catch (cause) {
    throw cause instanceof pg.DatabaseError ? new StartError(explainDatabase(cause, 'DATABASE_URL'), { cause }) : cause;
  }
}
