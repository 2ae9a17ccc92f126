import type pg from 'pg';
import type { Logger } from 'pino';
import { NO_TABLE_SCANS, openPool } from '../db/connection/pool.ts';

/**
 * Connections by purpose, so that none waits behind another: with one pool, a trigger queued behind the 200 collects
 * that had come due. With pg-boss' 10, the health checks' 2 and the baseline sweep's 2 a replica needs 34.
 */
const REQUEST_POOL_SIZE = 10;
const WORKER_POOL_SIZE = 10;
/** One says what is due, one stores. */
const BASELINE_POOL_SIZE = 2;
const HEALTH_POOL_SIZE = 2;
/**
 * Workers need not wait for the disk. After a crash of the database the log ends somewhere, and all before that is
 * there: a job whose end is lost runs again, and its sample, stored before, is there or is read again. What a client
 * was told (trigger, finish) is committed durably.
 */
const RELAXED_COMMIT = '-c synchronous_commit=off';

export interface ConnectionOptions {
  readonly connectionString: string;
  /** Libpq options of every session; tests pass `-c pgboss.test_clock=on`. */
  readonly databaseOptions?: string;
  readonly log: Logger;
}

export interface Connections extends AsyncDisposable {
  readonly requests: pg.Pool;
  readonly workers: pg.Pool;
  readonly baseline: pg.Pool;
  readonly health: pg.Pool;
  /** Libpq options for pg-boss, which opens its own. */
  readonly jobOptions: string;
}

/** Opens nothing yet: a pool connects when it is first asked. Disposing ends all of them. */
export function openConnections({ connectionString, databaseOptions, log }: ConnectionOptions): Connections {
  const onIdleError = (error: Error) =>
    log.warn({ event: 'db_connection_lost', err: error }, 'database connection lost');
  const optionsOf = (...more: string[]) => [databaseOptions, ...more].filter(Boolean).join(' ');
  const durable = optionsOf(NO_TABLE_SCANS);
  const relaxed = optionsOf(NO_TABLE_SCANS, RELAXED_COMMIT);

  const serving = { connectionString, onIdleError, pipeline: true, connectionTimeoutMs: 5_000, queryTimeoutMs: 30_000 };
  const requests = openPool({
    ...serving,
    max: REQUEST_POOL_SIZE,
    applicationName: 'seqpulse requests',
    options: durable,
  });
  const workers = openPool({
    ...serving,
    max: WORKER_POOL_SIZE,
    applicationName: 'seqpulse workers',
    options: relaxed,
  });
  const baseline = openPool({
    ...serving,
    max: BASELINE_POOL_SIZE,
    applicationName: 'seqpulse baseline',
    options: relaxed,
    // Readings that wait longer than this are not worth a shutdown's wait.
    connectionTimeoutMs: 2_000,
    queryTimeoutMs: 4_000,
  });
  const health = openPool({
    connectionString,
    max: HEALTH_POOL_SIZE,
    applicationName: 'seqpulse health',
    options: optionsOf(),
    connectionTimeoutMs: 800,
    queryTimeoutMs: 800,
    onIdleError,
  });
  return {
    requests,
    workers,
    baseline,
    health,
    jobOptions: relaxed,
    async [Symbol.asyncDispose]() {
      await Promise.all([requests, workers, baseline, health].map(async (pool) => await pool.end()));
    },
  };
}
