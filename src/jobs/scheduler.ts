import { type Clock, type JobWithMetadata, PgBoss } from 'pg-boss';
import type { Logger } from 'pino';
import { schemaExists } from '../db/connection/migrate.ts';
import { serverTimeouts } from '../db/connection/pool.ts';
import { connectSession, sessionConfig } from '../db/connection/session-client.ts';
import type { SessionSettings } from '../db/connection/session-settings.ts';
import type { SilenceWatch } from '../db/connection/silence-watch.ts';
import { abandon } from '../lifecycle/abandon.ts';
import type { LifecycleDeps } from '../lifecycle/deps.ts';
import { detectDeployments } from '../lifecycle/detect.ts';
import { lookLate } from '../lifecycle/late-checks.ts';
import { giveOverdueVerdicts } from '../lifecycle/overdue-verdicts.ts';
import { prune } from '../lifecycle/prune.ts';
import { rollUp } from '../lifecycle/roll-up.ts';
import { createRepetitionFilter } from '../log/repetition-filter.ts';
import { JOB_TYPES, type JobType } from '../model/job.ts';
import { handleDeadLetter } from './dead-letters.ts';
import { type JobConnections, startFetchLoop } from './fetch-loop.ts';
import { startLook } from './look.ts';
import { ABANDON_SWEEP_QUEUE, DEAD_LETTER_QUEUE, QUEUES, RETENTION_QUEUE, type WorkerSizing } from './queues.ts';
import { runJob } from './run-job.ts';

/** Seconds. Both at 5: a dead worker's job is taken over after about 7 s, 20 s at the worst. Default is 60 each. */
const SUPERVISE_SECONDS = 5;
/** Seconds. Dead letters come from workers that died again and again: nobody waits for them by the second. */
const DEAD_LETTER_POLL_SECONDS = 2;

/** Milliseconds: how late the last promise of a verdict may be kept. */
const OVERDUE_LOOK_MS = 1_000;
/** Milliseconds between looks at whose minute has come: what they find is minutes old anyway. */
const DETECTION_LOOK_MS = 10_000;
/** Milliseconds between looks for second looks that are due. */
const LATE_LOOK_MS = 30_000;
/** Milliseconds between looks at what panels count: what is not added up yet is counted live meanwhile. */
const ROLL_UP_LOOK_MS = 300_000;

/** Milliseconds for the sweeps and dead letters that may run: short transactions, all of them. */
export const STOP_TIMEOUT_MS = 2_000;

export interface BossOptions {
  readonly connectionString: string;
  readonly clock?: Clock;
  /** Of the sessions of pg-boss' own connections, over those that every session has. */
  readonly settings?: SessionSettings;
  readonly watch?: SilenceWatch;
  /** Default: 4. */
  readonly max?: number;
  readonly log: Logger;
  /** Default: 60 s. */
  readonly queryTimeoutMs?: number;
}

/**
 * Ends a statement on the client's side: over a connection that died without a word (a failover, a firewall) a fetch
 * would never return, and its loop would never fetch again. Long enough for pg-boss' own maintenance.
 */
const QUERY_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 10_000;

/** pg-boss with our queues in the database; workers start later (startWorkers). */
export async function openBoss(options: BossOptions): Promise<PgBoss> {
  const { connectionString } = options;
  const client = await connectSession({
    connectionString,
    applicationName: 'seqpulse start',
    timeoutMs: CONNECT_TIMEOUT_MS,
  });
  try {
    // Replicas that start together make its tables one after the other: pg-boss knows by an English message of the server
    // that another was faster, and servers speak other languages.
    await client.query(`select pg_advisory_lock(hashtextextended('seqpulse job queue', 0))`);
    return await startBoss(options, await schemaExists(client, 'pgboss'));
  } finally {
    await client.end();
  }
}

async function startBoss(options: BossOptions, hasSchema: boolean): Promise<PgBoss> {
  const { connectionString, watch, queryTimeoutMs = QUERY_TIMEOUT_MS } = options;
  const session = sessionConfig({
    connectionString,
    settings: { ...serverTimeouts(queryTimeoutMs), ...options.settings },
    ...(watch === undefined ? {} : { watch }),
  });
  const boss = new PgBoss({
    // Goes to pg's pool as it is; pg-boss' own options know no such thing.
    ...{ ...session, query_timeout: queryTimeoutMs },
    // Also for one that exists the right to create schemas would be asked for.
    createSchema: !hasSchema,
    application_name: 'seqpulse scheduler',
    max: options.max ?? 4,
    superviseIntervalSeconds: SUPERVISE_SECONDS,
    monitorIntervalSeconds: SUPERVISE_SECONDS,
    maintenanceIntervalSeconds: 300,
    // The trace context travels in the job's data (run-job.ts): pg-boss' own starts a new trace for each batch.
    openTelemetry: { enabled: false },
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });
  const isNews = createRepetitionFilter();
  boss.on('error', (error: Error & { code?: string }) => {
    if (!isNews(error.code ?? error.message)) return;
    options.log.error({ event: 'scheduler_error', err: error }, 'job queue error');
  });
  boss.on('warning', (warning: { message: string }) =>
    options.log.warn({ event: 'scheduler_warning' }, warning.message),
  );
  await boss.start();
  for (const queue of QUEUES) {
    const { name, policy, ...rest } = queue;
    await boss.createQueue(name, policy === undefined ? rest : { ...rest, policy });
    // createQueue leaves an existing queue as it is: without this, a changed retry rule would never arrive.
    await boss.updateQueue(name, rest);
  }
  return boss;
}

export interface Workers {
  /** Resolves when no handler runs. Tests with a hand-set clock need it: ticking does not wait for handlers. */
  idle(): Promise<void>;
  readonly running: boolean;
  /**
   * No new jobs; what runs may finish for `graceSeconds`, then it is given back with no try used up.
   * Also closes pg-boss. A second call joins the first.
   */
  stop(graceSeconds: number): Promise<void>;
}

export async function startWorkers(
  boss: PgBoss,
  deps: LifecycleDeps,
  options: {
    readonly sizing: Readonly<Record<JobType, WorkerSizing>>;
    readonly retentionDays: number;
    readonly auditDays: number;
    readonly clock: Clock;
    readonly connections: JobConnections;
    /** Whether this replica should take no jobs for now. */
    readonly paused?: () => boolean;
  },
): Promise<Workers> {
  const { sizing, retentionDays, auditDays, clock, connections, paused = () => false } = options;
  const shutdown = new AbortController();
  const inFlight = new Set<Promise<unknown>>();
  let running = true;
  const tracked = async <Result>(work: Promise<Result>): Promise<Result> => {
    inFlight.add(work);
    try {
      return await work;
    } finally {
      inFlight.delete(work);
    }
  };

  const loops = JOB_TYPES.map((type) =>
    startFetchLoop({
      boss,
      connections,
      paused,
      type,
      sizing: sizing[type],
      clock,
      log: deps.log,
      run: async (job) => await runJob(deps, type, job, shutdown.signal),
    }),
  );
  await boss.work(
    DEAD_LETTER_QUEUE,
    { pollingIntervalSeconds: DEAD_LETTER_POLL_SECONDS, includeMetadata: true, perJobResults: true },
    async (jobs: JobWithMetadata<unknown>[]) =>
      await tracked(Promise.all(jobs.map((job) => handleDeadLetter(deps, boss, job)))),
  );
  await boss.work(ABANDON_SWEEP_QUEUE, { pollingIntervalSeconds: 5 }, async () => await tracked(abandon(deps)));
  await boss.work(
    RETENTION_QUEUE,
    { pollingIntervalSeconds: 30 },
    async () => await tracked(prune(deps, { retentionDays, auditDays })),
  );
  await boss.schedule(ABANDON_SWEEP_QUEUE, '* * * * *');
  // Hourly at an odd minute: small steps, and not when everybody else's hourly work starts.
  await boss.schedule(RETENTION_QUEUE, '17 * * * *');

  const look = (what: string, ms: number, work: () => Promise<unknown>) =>
    startLook({ clock, log: deps.log, what, everyMs: ms, paused, work: async () => await tracked(work()) });
  const looks = [
    look('overdue', OVERDUE_LOOK_MS, async () => await giveOverdueVerdicts(deps)),
    look('detection', DETECTION_LOOK_MS, async () => await detectDeployments(deps)),
    look('late_checks', LATE_LOOK_MS, async () => await lookLate(deps)),
    look('roll_up', ROLL_UP_LOOK_MS, async () => await rollUp(deps)),
  ];

  async function stop(graceSeconds: number): Promise<void> {
    running = false;
    for (const one of looks) one.stop();
    for (const loop of loops) loop.stopFetching();
    const giveBack = setTimeout(() => shutdown.abort(new Error('the service stops')), graceSeconds * 1000);
    try {
      // pg-boss knows only its own workers: ours must be through before it closes its connections.
      await Promise.allSettled([...loops, ...looks].map(async (one) => await one.idle()));
      await boss.stop({ graceful: true, timeout: STOP_TIMEOUT_MS });
    } finally {
      clearTimeout(giveBack);
      for (const loop of loops) loop.close();
    }
  }
  let stopping: Promise<void> | null = null;

  return {
    get running() {
      return running;
    },
    async idle() {
      await Promise.all(loops.map((loop) => loop.idle()));
      while (inFlight.size > 0) await Promise.allSettled([...inFlight]);
    },
    async stop(graceSeconds) {
      stopping ??= stop(graceSeconds);
      await stopping;
    },
  };
}
