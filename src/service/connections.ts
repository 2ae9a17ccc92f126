import type pg from 'pg';
import type { Logger } from 'pino';
import { openPool, prepared, type Queryable, serverTimeouts } from '../db/connection/pool.ts';
import { type SessionSettings, transactionStatements } from '../db/connection/session-settings.ts';
import { createSilenceWatch, type SilenceWatch } from '../db/connection/silence-watch.ts';
import { committedOnceAnswered, inOwnTransaction, retried } from '../db/connection/statements.ts';
import type { JobConnections } from '../jobs/fetch-loop.ts';
import { inRowOrder } from '../jobs/row-order.ts';
import type { DatabaseRoute } from './database-route.ts';

/**
 * Connections by purpose, so that none waits behind another: with one pool, a trigger queued behind the 200 collects
 * that had come due. In all a replica needs CONNECTIONS_PER_REPLICA.
 */
export const POOL_SIZES = {
  requests: 10,
  workers: 10,
  jobs: 6,
  scheduler: 4,
  baseline: 2,
  health: 2,
  listen: 1,
} as const;

/** docs/decisions/0003 says the same. */
export const CONNECTIONS_PER_REPLICA = Object.values(POOL_SIZES).reduce((sum, size) => sum + size, 0);

/**
 * Workers need not wait for the disk. After a crash of the database the log ends somewhere, and all before that is
 * there: a job whose end is lost runs again, and its sample, stored before, is there or is read again. What anybody is
 * told is committed durably: by requests always, by workers where a transaction asks for it.
 */
const RELAXED_COMMIT: SessionSettings = { synchronous_commit: 'off' };

/**
 * Milliseconds that slow statements, and those who wait for a connection, may take on a database that answers others. One
 * that answers nobody is told within three seconds (silence-watch.ts): the published client gives up after four.
 */
const SERVING_TIMEOUTS = { connectionTimeoutMs: 5_000, queryTimeoutMs: 10_000 } as const;

export interface ConnectionOptions {
  /** How many times longer than usual the database may take to answer: for tests beside other work. Absent: 1. */
  readonly answerTimeFactor?: number;
  readonly route: DatabaseRoute;
  /** Of every session, over those that they all have; tests pass `pgboss.test_clock`. */
  readonly sessionSettings?: SessionSettings;
  readonly log: Logger;
}

/** A pool, and how transactions on it begin. */
export interface ServicePool {
  readonly pool: pg.Pool;
  readonly begin: string;
}

export interface Connections extends AsyncDisposable {
  readonly requests: ServicePool;
  readonly workers: ServicePool;
  readonly baseline: ServicePool;
  readonly jobs: JobConnections;
  /** Asks as requests ask, on connections of its own. */
  readonly health: Queryable;
  /** For what opens connections of its own. */
  readonly schedulerSettings: SessionSettings;
  readonly watch: SilenceWatch;
}

/** Opens nothing yet: a pool connects when it is first asked. Disposing ends all of them. */
export function openConnections({
  route,
  sessionSettings = {},
  log,
  answerTimeFactor = 1,
}: ConnectionOptions): Connections {
  const onIdleError = (error: Error) =>
    log.warn({ event: 'db_connection_lost', err: error }, 'database connection lost');
  const watch = createSilenceWatch();
  const relaxed = { ...RELAXED_COMMIT, ...sessionSettings };

  const { pooling } = route;
  const open = (input: {
    readonly max: number;
    readonly name: string;
    readonly settings: SessionSettings;
    readonly connectionTimeoutMs: number;
    readonly queryTimeoutMs: number;
    readonly direct?: boolean;
    readonly watch?: SilenceWatch;
    readonly pipeline?: boolean;
  }): ServicePool => {
    const { direct = false, name, settings, ...rest } = input;
    const queryTimeoutMs = input.queryTimeoutMs * answerTimeFactor;
    const transactionPooled = pooling.mode === 'transaction' && !direct;
    return {
      pool: openPool({
        ...rest,
        connectionTimeoutMs: input.connectionTimeoutMs * answerTimeFactor,
        queryTimeoutMs,
        connectionString: direct ? route.directUrl : route.url,
        applicationName: `seqpulse ${name}`,
        settings,
        transactionPooled,
        pipeline: transactionPooled || input.pipeline === true,
        onIdleError,
      }),
      begin: transactionPooled
        ? transactionStatements(pooling.knownSettings, { ...serverTimeouts(queryTimeoutMs), ...settings })
        : 'begin',
    };
  };

  const serving = { pipeline: true, watch };
  const requests = open({
    ...serving,
    ...SERVING_TIMEOUTS,
    name: 'requests',
    max: POOL_SIZES.requests,
    settings: sessionSettings,
  });
  const workers = open({
    ...serving,
    ...SERVING_TIMEOUTS,
    name: 'workers',
    max: POOL_SIZES.workers,
    settings: relaxed,
  });
  const jobs = open({
    ...serving,
    ...SERVING_TIMEOUTS,
    name: 'jobs',
    max: POOL_SIZES.jobs,
    settings: relaxed,
    direct: true,
  });
  // Readings that wait longer than this are not worth a shutdown's wait.
  const baselineTimeouts = { connectionTimeoutMs: 2_000, queryTimeoutMs: 4_000 };
  const baseline = open({
    ...serving,
    ...baselineTimeouts,
    name: 'baseline',
    max: POOL_SIZES.baseline,
    settings: relaxed,
  });
  // Not watched: that a check gives up after 0.8 s says little of the others.
  const healthTimeouts = { connectionTimeoutMs: 800, queryTimeoutMs: 800 };
  const health = open({ ...healthTimeouts, name: 'health', max: POOL_SIZES.health, settings: sessionSettings });
  return {
    requests,
    workers,
    baseline,
    jobs: { fetches: committedOnceAnswered(jobs.pool), settles: retried(inRowOrder(jobs.pool)) },
    health: health.begin === 'begin' ? prepared(health.pool) : inOwnTransaction(health.pool, health.begin),
    schedulerSettings: relaxed,
    watch,
    async [Symbol.asyncDispose]() {
      await Promise.all([requests, workers, baseline, jobs, health].map(async ({ pool }) => await pool.end()));
    },
  };
}
