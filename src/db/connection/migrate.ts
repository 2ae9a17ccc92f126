import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import { StartError } from '../../model/start-error.ts';
import type { Queryable } from './pool.ts';
import { connectSession } from './session-client.ts';

const MIGRATIONS_FOLDER = fileURLToPath(new URL('../migrations', import.meta.url));
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Brings the schema `seqpulse` up to date. Safe when several replicas start at once: the others wait for the
 * advisory lock (the default mode makes all but one of them fail).
 */
export async function migrate(connectionString: string, onStep: (message: string) => void): Promise<void> {
  const client = await connectSession({
    connectionString,
    applicationName: 'seqpulse migrations',
    timeoutMs: CONNECT_TIMEOUT_MS,
  });
  try {
    await refuseOtherEncodings(client);
    await runner({
      dbClient: client,
      dir: MIGRATIONS_FOLDER,
      direction: 'up',
      migrationsTable: 'migrations',
      migrationsSchema: 'seqpulse',
      // Also for one that exists the right to create schemas would be asked for.
      createMigrationsSchema: !(await schemaExists(client, 'seqpulse')),
      schema: ['seqpulse', 'public'],
      advisoryLockMode: 'wait',
      verbose: false,
      logger: { debug: () => {}, info: onStep, warn: onStep, error: onStep },
    });
  } finally {
    await client.end();
  }
}

export async function schemaExists(connection: Queryable, name: string): Promise<boolean> {
  const { rows } = await connection.query('select 1 from pg_catalog.pg_namespace where nspname = $1', [name]);
  return rows.length > 0;
}

/** In any other, the first name with a letter that it lacks would be an error long after the start. */
async function refuseOtherEncodings(connection: Queryable): Promise<void> {
  const { rows } = await connection.query<{ encoding: string }>(
    `select current_setting('server_encoding') as encoding`,
  );
  const encoding = rows[0]?.encoding;
  if (encoding === 'UTF8') return;
  throw new StartError(
    `The database can’t be used: its encoding is ${encoding}. Create one with encoding UTF8 (create database … encoding 'UTF8' template template0).`,
  );
}
