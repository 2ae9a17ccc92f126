import { createHash } from 'node:crypto';
import pg from 'pg';
import { createRepetitionFilter } from '../../log/repetition-filter.ts';

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

const statementNames = new Map<string, string>();

/** PostgreSQL cuts names at 63 bytes. */
function statementName(text: string): string {
  let name = statementNames.get(text);
  if (name === undefined) {
    name = createHash('sha1').update(text).digest('base64url');
    statementNames.set(text, name);
  }
  return name;
}

/** Whether this error of a statement may come of the data of one row: SQLSTATE classes 22 data exception and 23 integrity. */
export function isFaultOfOneRow(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^2[23]/.test(code);
}

/**
 * Libpq option. No statement of ours wants a whole table. A plan that is made while the tables are empty takes one all
 * the same, since nothing is cheaper to read, and a prepared statement keeps it (test/integration/plans.test.ts).
 */
export const NO_TABLE_SCANS = '-c enable_seqscan=off';

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
  /** Statements that come while one runs are sent behind it; without, each waits for the answer before. */
  readonly pipeline?: boolean;
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
    // Plans and prepared texts are made anew within the hour, on what the tables are then.
    maxLifetimeSeconds: 3_600,
    pipeline: options.pipeline ?? false,
    ...(options.options ? { options: options.options } : {}),
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

/**
 * A connection whose statements are spans of the request or job that sends them; outside of both there are none, or
 * every poll would be a trace. Parameters are never on a span, nor is an error's message, which may quote them.
 *
 * Why not instrumentation-pg: its patches take three times as long for a statement (bench/telemetry).
 */
export type TraceStatements = (connection: Queryable) => Queryable;
