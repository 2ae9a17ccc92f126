import { createHash } from 'node:crypto';
import pg from 'pg';
import { createRepetitionFilter } from '../repetition-filter.ts';

/** What the table files need of a connection: `pg.Pool`, `pg.PoolClient` and the tests' stand-ins all have it. */
export interface Queryable {
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<pg.QueryResult<Row>>;
}

/**
 * A connection whose statements are prepared once and then only run: planning is half of what a short statement costs.
 * For statements that are written in code, each with its parameters apart: every text stays with the connection.
 */
export function prepared(connection: pg.Pool | pg.PoolClient): Queryable {
  return {
    async query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]) {
      return await connection.query<Row>({
        name: statementName(text),
        text,
        ...(values === undefined ? {} : { values }),
      });
    },
  };
}

/** PostgreSQL cuts names at 63 bytes. */
function statementName(text: string): string {
  return createHash('sha1').update(text).digest('base64url');
}

export interface PoolOptions {
  readonly connectionString: string;
  readonly max: number;
  readonly applicationName: string;
  /** Libpq options; tests pass `-c pgboss.test_clock=on` so that pg-boss' SQL follows their clock. */
  readonly options?: string;
  readonly connectionTimeoutMs: number;
  /**
   * Ends the wait on the client's side. `statement_timeout` alone waits for ever when the server hangs,
   * because it is the server that would have to send the error.
   */
  readonly queryTimeoutMs: number;
  readonly onIdleError: (error: Error) => void;
}

/** A pool that never takes the process down: a connection that breaks while idle is reported and replaced. */
export function openPool(options: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    max: options.max,
    application_name: options.applicationName,
    connectionTimeoutMillis: options.connectionTimeoutMs,
    query_timeout: options.queryTimeoutMs,
    idleTimeoutMillis: 30_000,
    ...(options.options === undefined ? {} : { options: options.options }),
  });
  const isNews = createRepetitionFilter();
  pool.on('error', (error: Error & { code?: string }) => {
    if (isNews(error.code ?? error.message)) options.onIdleError(error);
  });
  // pg-pool takes its own listener away while a client is checked out: a connection that breaks then, between
  // two statements of a transaction, would be an unhandled 'error' event and end the process. Whoever holds it is
  // told by the statement that fails.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}
