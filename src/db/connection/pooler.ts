import type pg from 'pg';
import { connectSession, isReadTimeout } from './session-client.ts';

/**
 * What stands between us and PostgreSQL. `session`: nothing, or a pooler that gives a client one session for as long as
 * it is connected. `transaction`: a pooler that gives each transaction another session, where nothing set before counts
 * and no prepared statement or lock stays.
 */
export type Pooling =
  | { readonly mode: 'session' }
  | { readonly mode: 'transaction'; readonly knownSettings: ReadonlySet<string> };

const APPLICATION_NAME = 'seqpulse start';
const CONNECT_TIMEOUT_MS = 5_000;
/** A second client of a pooler that has no second session waits for one: then each client has its own. */
const WAIT_MS = 2_000;
/** A pooler that has several free sessions may hand us one that says nothing. */
const ROUNDS = 5;

/** Asks the database itself; nothing is changed. Rejects as connecting does, and for a pooler that knows no transactions. */
export async function findPooling(connectionString: string): Promise<Pooling> {
  const open = async () =>
    // Settings would be refused or land in somebody else's session: these statements need none.
    await connectSession({
      connectionString,
      transactionPooled: true,
      applicationName: APPLICATION_NAME,
      timeoutMs: CONNECT_TIMEOUT_MS,
      queryTimeoutMs: CONNECT_TIMEOUT_MS,
    });
  const first = await open();
  try {
    // A pooler can't hand on the process id that PostgreSQL tells at the connection's start: it makes one up.
    if ((await backendOf(first)) === (first as { processID?: number }).processID) return { mode: 'session' };
    for (let round = 0; round < ROUNDS; round += 1) {
      const shared = await sharesSessions(first, open);
      if (shared === null) break;
      if (shared) {
        const { rows } = await first.query<{ name: string }>('select lower(name) as name from pg_settings');
        return { mode: 'transaction', knownSettings: new Set(rows.map(({ name }) => name)) };
      }
    }
    return { mode: 'session' };
  } finally {
    await first.end();
  }
}

/** Whether a second client can get the session of the first while that is connected; null when it gets none at all. */
async function sharesSessions(first: pg.Client, open: () => Promise<pg.Client>): Promise<boolean | null> {
  const before = await backendOf(first);
  let second: pg.Client;
  try {
    second = await open();
  } catch {
    return null;
  }
  try {
    await second.query({ text: 'begin', query_timeout: WAIT_MS } as pg.QueryConfig);
    if ((await backendOf(second, WAIT_MS)) === before) return true;
    const after = await backendOf(first);
    await second.query('rollback');
    return after !== before;
  } catch (error) {
    if (isReadTimeout(error)) return null;
    throw error;
  } finally {
    second.connection.stream.destroy();
  }
}

async function backendOf(client: pg.Client, timeoutMs?: number): Promise<number> {
  const { rows } = await client.query<{ pid: number }>({
    text: 'select pg_backend_pid() as pid',
    ...(timeoutMs === undefined ? {} : { query_timeout: timeoutMs }),
  });
  return rows[0]?.pid ?? 0;
}
