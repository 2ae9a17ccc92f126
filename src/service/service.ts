import { randomBytes, randomUUID } from 'node:crypto';
import { type Clock, systemClock } from 'pg-boss';
import type { Logger } from 'pino';
import type { Instruments } from '../../otel/metrics/instruments.ts';
import { type BaselineSweep, startBaselineSweep } from '../baseline/sweep.ts';
import { createCollectStatements } from '../batching/collect-statements.ts';
import { createDeploymentStarts } from '../batching/deployment-starts.ts';
import type { Config } from '../config/parse-config.ts';
import { StartError } from '../config/start-error.ts';
import { createSecretBox } from '../data-folder/secret-box.ts';
import type { Secrets } from '../data-folder/secrets.ts';
import { migrate } from '../db/connection/migrate.ts';
import { NO_TABLE_SCANS, openPool } from '../db/connection/pool.ts';
import { openDatabase } from '../db/database.ts';
import { claimSecretKey } from '../db/installation.ts';
import { createHealthProbe } from '../health/probe.ts';
import type { SchedulerDepth } from '../health/scheduler-depth.ts';
import { buildApp } from '../http/app.ts';
import type { Scrape } from '../http/deps.ts';
import { listen } from '../http/server.ts';
import { createPgBossQueue } from '../jobs/pg-boss-queue.ts';
import { DEFAULT_SIZING, type WorkerSizing } from '../jobs/queues.ts';
import { openBoss, startWorkers, type Workers } from '../jobs/scheduler.ts';
import type { LifecycleDeps } from '../lifecycle/deps.ts';
import type { JobType } from '../lifecycle/job-queue.ts';
import type { ProjectDeps } from '../projects/deps.ts';
import { createAddressPolicy, parseTargetAllow } from '../sources/network/address-policy.ts';
import { createTargetClient } from '../sources/pull/client.ts';
import { createStatementSpans } from '../tracing/statement-spans.ts';
import { activeTraceParent, joinDeployment } from '../tracing/trace-context.ts';

export interface ServiceOptions {
  readonly config: Config;
  readonly secrets: Pick<Secrets, 'adminToken' | 'secretKey'>;
  readonly connectionString: string;
  readonly telemetry: ServiceTelemetry;
  readonly log: Logger;
  /** A test's hand-set clock; `options` then makes pg-boss' SQL follow it. Absent: the real one. */
  readonly clock?: Clock;
  readonly databaseOptions?: string;
  readonly sizing?: Readonly<Record<JobType, WorkerSizing>>;
}

/** What the service needs of otel/. */
export interface ServiceTelemetry {
  readonly instruments: Instruments;
  readonly tracing: boolean;
  scrape(): Promise<Scrape>;
  setSchedulerDepthSource(source: () => SchedulerDepth | null): void;
}

export interface Service {
  readonly url: string;
  readonly lifecycle: LifecycleDeps;
  readonly workers: Workers;
  readonly sweep: BaselineSweep;
  /** Finishes what runs, gives the rest back, closes in reverse order of opening. */
  close(): Promise<void>;
}

/** Seconds that running requests and jobs get at a shutdown; a read takes at most 5. All in all under 10. */
const SHUTDOWN_GRACE_SECONDS = 7;
/**
 * Connections by purpose, so that none waits behind another: with one pool, a trigger queued behind the 200 collects
 * that had come due. With pg-boss' 10, the health checks' 2 and the baseline sweep's 2 a replica needs 34.
 */
const REQUEST_POOL_SIZE = 10;
const WORKER_POOL_SIZE = 10;
/** One says what is due, one stores. */
const BASELINE_POOL_SIZE = 2;
/**
 * Workers need not wait for the disk. After a crash of the database the log ends somewhere, and all before that is
 * there: a job whose end is lost runs again, and its sample, stored before, is there or is read again. What a client
 * was told (trigger, finish) is committed durably.
 */
const RELAXED_COMMIT = '-c synchronous_commit=off';
const DEPTH_INTERVAL_MS = 2_000;

/** Opens everything in order; what was opened is closed again when a later step fails. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { config, log, connectionString } = options;
  await using opened = new AsyncDisposableStack();
  const now = options.clock === undefined ? Date.now : () => options.clock?.now() ?? Date.now();

  await migrateOrExplain(connectionString, log);
  const onIdleError = (error: Error) =>
    log.warn({ event: 'db_connection_lost', err: error }, 'database connection lost');
  const optionsOf = (...more: string[]) => ({ options: [options.databaseOptions, ...more].filter(Boolean).join(' ') });
  const durable = optionsOf(NO_TABLE_SCANS);
  const relaxed = optionsOf(NO_TABLE_SCANS, RELAXED_COMMIT);
  const servingPool = (
    max: number,
    applicationName: string,
    sessionOptions: { options?: string },
    timeouts = { connectionTimeoutMs: 5_000, queryTimeoutMs: 30_000 },
  ) => {
    const pool = openPool({
      connectionString,
      max,
      applicationName,
      onIdleError,
      pipeline: true,
      ...timeouts,
      ...sessionOptions,
    });
    opened.defer(async () => await pool.end());
    return pool;
  };
  const pool = servingPool(REQUEST_POOL_SIZE, 'seqpulse requests', durable);
  const workerPool = servingPool(WORKER_POOL_SIZE, 'seqpulse workers', relaxed);
  // Readings that wait longer than this are not worth a shutdown's wait.
  const baselinePool = servingPool(BASELINE_POOL_SIZE, 'seqpulse baseline', relaxed, {
    connectionTimeoutMs: 2_000,
    queryTimeoutMs: 4_000,
  });
  const healthPool = openPool({
    connectionString,
    max: 2,
    applicationName: 'seqpulse health',
    connectionTimeoutMs: 800,
    queryTimeoutMs: 800,
    onIdleError,
    ...optionsOf(),
  });
  opened.defer(async () => await healthPool.end());

  const secretBox = createSecretBox(options.secrets.secretKey);
  if (!(await claimSecretKey(pool, secretBox.keyCheck))) {
    throw new StartError(
      'SEQPULSE_SECRET_KEY is not the key that this database’s secrets were encrypted with: set the first one again.',
    );
  }

  const boss = await openBoss({
    connectionString,
    log,
    ...relaxed,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });
  // Only when a later step of the start fails: close() below stops it in an orderly way.
  opened.defer(async () => await boss.stop({ graceful: false }));

  const target = createTargetClient({
    allow: targetPolicy(config.targetAllow),
    recordRead: (read) => options.telemetry.instruments.targetRead(read),
    now,
    nonce: randomUUID,
  });
  opened.defer(async () => await target.close());

  const traced = options.telemetry.tracing ? createStatementSpans(connectionString) : undefined;
  const db = openDatabase(pool, traced);
  const jobs = createPgBossQueue(boss);
  const lifecycle: LifecycleDeps = {
    db,
    jobs,
    starts: createDeploymentStarts({ db, jobs, now }),
    collects: createCollectStatements(db),
    target,
    telemetry: options.telemetry.instruments,
    secretBox,
    log,
    settings: config,
    now,
    newId: randomUUID,
    traceParent: activeTraceParent,
    joinDeployment,
  };
  const projects: ProjectDeps = {
    db,
    target,
    secretBox,
    log,
    now,
    newId: randomUUID,
    randomHex: (bytes) => randomBytes(bytes).toString('hex'),
  };

  const workersDb = openDatabase(workerPool, traced);
  const inWorkers: LifecycleDeps = { ...lifecycle, db: workersDb, collects: createCollectStatements(workersDb) };
  const workers = await startWorkers(boss, inWorkers, {
    sizing: options.sizing ?? DEFAULT_SIZING,
    retentionDays: config.retentionDays,
    clock: options.clock ?? systemClock,
  });
  // When a later step fails (the port is taken): they would go on fetching over closed connections.
  opened.defer(async () => await workers.stop(0));
  const health = createHealthProbe({
    pool: healthPool,
    now,
    schedulerRunning: () => workers.running,
    depthIntervalMs: DEPTH_INTERVAL_MS,
  });
  opened.defer(() => health.close());
  options.telemetry.setSchedulerDepthSource(() => health.knownDepth());

  const app = buildApp(
    {
      lifecycle,
      projects,
      health,
      scrape: async () => await options.telemetry.scrape(),
      adminToken: options.secrets.adminToken,
      rateLimitPerMinute: config.rateLimitPerMinute,
      trustProxy: config.trustProxy,
    },
    options.telemetry.instruments,
    options.telemetry.tracing,
  );
  const server = await listen(app.callback(), config.host, config.port);
  const sweep = startBaselineSweep({
    db: openDatabase(baselinePool),
    target,
    secretBox,
    telemetry: options.telemetry.instruments,
    log,
    now,
    timers: options.clock ?? systemClock,
  });

  const rest = opened.move();
  return {
    url: server.url,
    lifecycle,
    workers,
    sweep,
    async close() {
      health.startDraining();
      // Side by side: a slow request must not use up the jobs' share of the time, or the other way round.
      await Promise.all([server.close(SHUTDOWN_GRACE_SECONDS), workers.stop(SHUTDOWN_GRACE_SECONDS), sweep.stop()]);
      await rest.disposeAsync();
    },
  };
}

async function migrateOrExplain(connectionString: string, log: Logger): Promise<void> {
  try {
    await migrate(connectionString, (message) => log.debug({ event: 'migration' }, message));
  } catch (cause) {
    throw new StartError(explainDatabase(cause), { cause });
  }
}

/** One line; the URL's password never shows because the URL does not. */
function explainDatabase(cause: unknown): string {
  const { code, message } = (cause ?? {}) as { code?: string; message?: string };
  const hint: Record<string, string> = {
    ECONNREFUSED: 'nothing listens at its host and port',
    ENOTFOUND: 'its host name does not resolve',
    ETIMEDOUT: 'its host does not answer',
    '28P01': 'it refuses the user or password',
    '28000': 'it refuses the user',
    '3D000': 'it has no database of that name',
    '42501': 'its user may not create the schema seqpulse',
    '53100': 'its disk is full',
    '53300': 'it has no free connection',
  };
  return `The database can’t be used: ${hint[code ?? ''] ?? message ?? 'unknown reason'}. Check DATABASE_URL.`;
}

function targetPolicy(allow: readonly string[]) {
  const parsed = parseTargetAllow(allow.join(','));
  if (!parsed.ok) throw new StartError(`SEQPULSE_TARGET_ALLOW: ${parsed.faults.join('; ')}`);
  return createAddressPolicy(parsed.allow);
}
