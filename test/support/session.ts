import type pg from 'pg';
import { connectSession } from '../../src/db/connection/session-client.ts';
import type { TestDatabase } from './database.ts';

/** A connection of the test's own, as the service makes its own, with settings of the test's; ended when it is disposed of. */
export async function openSession(
  database: TestDatabase,
  settings: Readonly<Record<string, string>> = {},
): Promise<pg.Client & AsyncDisposable> {
  const client = await connectSession({
    connectionString: database.url,
    settings,
    applicationName: 'test',
    timeoutMs: 10_000,
  });
  return Object.assign(client, { [Symbol.asyncDispose]: async () => await client.end() });
}
