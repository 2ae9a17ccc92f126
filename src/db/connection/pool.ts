import { createHash } from 'node:crypto';
import pg from 'pg';
import { createRepetitionFilter } from '../../log/repetition-filter.ts';
import { sessionConfig } from './session-client.ts';
import type { SessionSettings } from './session-settings.ts';
import type { SilenceWatch } from './silence-watch.ts';
import { createWatchedPool } from './watched-pool.ts';

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

export interface PoolOptions {
  readonly connectionString: string;
  readonly max: number;
  readonly applicationName: string;
  /** Over those that every session has; tests pass `pgboss.test_clock` so that pg-boss' SQL follows their clock. */
  readonly settings?: SessionSettings;
  /** The connections are a pooler's, which gives each transaction another session. Default: false. */
  readonly transactionPooled?: boolean;
  readonly watch?: SilenceWatch;
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
  const { transactionPooled = false, watch, queryTimeoutMs } = options;
  const session = sessionConfig({
    connectionString: options.connectionString,
    settings: { ...serverTimeouts(queryTimeoutMs), ...options.settings },
    transactionPooled,
    ...(watch === undefined ? {} : { watch }),
  });
  const config = {
    ...session,
    max: options.max,
    application_name: options.applicationName,
    connectionTimeoutMillis: options.connectionTimeoutMs,
    query_timeout: queryTimeoutMs,
    idleTimeoutMillis: 30_000,
    // Plans and prepared texts are made anew within the hour, on what the tables are then.
    maxLifetimeSeconds: 3_600,
    pipeline: options.pipeline ?? false,
  };
  const pool = watch === undefined ? new pg.Pool(config) : createWatchedPool(config, watch);
  const isNews = createRepetitionFilter();
  pool.on('error', (error: Error & { code?: string }) => {
    if (isNews(error.code ?? error.message)) options.onIdleError(error);
  });
  return pool;
}

/** Milliseconds. Nobody waits for an answer any more: the server need not go on, nor keep locks for a client that is gone. */
export function serverTimeouts(queryTimeoutMs: number): SessionSettings {
  return {
    statement_timeout: String(queryTimeoutMs + 1_000),
    idle_in_transaction_session_timeout: String(2 * queryTimeoutMs + 1_000),
  };
}

/**
 * A connection whose statements are spans of the request or job that sends them; outside of both there are none, or
 * every poll would be a trace. Parameters are never on a span, nor is an error's message, which may quote them.
 *
 * Why not instrumentation-pg: its patches take three times as long for a statement (bench/telemetry).
 */
export type TraceStatements = (connection: Queryable) => Queryable;
