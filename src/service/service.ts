import { createSecretBox } from '../data-folder/secret-box.ts';
import { migrateOrExplain } from '../db/connection/explain.ts';
import { createHealthProbe } from '../health/probe.ts';
import { systemClock } from '../jobs/clock.ts';
import { createPgBossQueue } from '../jobs/pg-boss-queue.ts';
import { startSender } from '../notify/sender.ts';
import { createStatementSpans } from '../tracing/statement-spans.ts';
import { openBaselineSweep } from './baseline-sweep.ts';
import { openServiceClock } from './clock.ts';
import { openConnections } from './connections.ts';
import { findDatabaseRoute } from './database-route.ts';
import { openDatabases } from './databases.ts';
import { openWaitingRoom } from './deployment-ends.ts';
import { createDeps } from './deps.ts';
import { openJobQueue } from './job-queue.ts';
import { createNotificationDeps } from './notifications.ts';
import type { Service, ServiceOptions } from './options.ts';
import { createOtlpIntake } from './otlp-intake.ts';
import { createPageDeps } from './pages.ts';
import { claimSecretKeyOrExplain } from './secret-key.ts';
import { openServer } from './server.ts';
import { openSources } from './sources.ts';
import { stopInOrder } from './stop.ts';
import { openWorkers } from './workers.ts';

/** Opens everything in order; what was opened is closed again when a later step fails. */
export async function openService(options: ServiceOptions): Promise<Service> {
  const { config, log, telemetry } = options;
  const clock = options.clock ?? systemClock;
  await using opened = new AsyncDisposableStack();

  const route = await findDatabaseRoute(options.connectionString, config.databaseDirectUrl);
  await migrateOrExplain(route.directUrl, log, config.kpiSchema);
  const connections = opened.use(openConnections({ ...options, route }));
  const time = opened.use(await openServiceClock(options, connections.health));
  const { now } = time;
  telemetry.setClockOffsetSource(() => time.offsetSeconds());
  const traced = telemetry.tracing ? createStatementSpans(route.url) : undefined;
  const { requestsDb, workersDb, baselineDb } = await openDatabases(connections, traced);
  const secretBox = createSecretBox(options.secrets.secretKey, options.secrets.previousSecretKey);
  await claimSecretKeyOrExplain(requestsDb.connection, secretBox, log);

  const boss = await openJobQueue({ route, connections, log, clock: options.clock });
  // Only when a later step of the start fails: close() below stops it in an orderly way.
  opened.defer(async () => await boss.stop({ graceful: false }));
  const { sourcesOver, names, network } = opened.use(
    openSources({ config, secretBox, telemetry: telemetry.instruments, log, now }),
  );
  const { lifecycle, inWorkers, projects } = createDeps({
    requestsDb,
    workersDb,
    jobs: createPgBossQueue(boss),
    sourcesOver,
    telemetry: telemetry.instruments,
    secretBox,
    log,
    settings: config,
    now,
  });
  const pages = createPageDeps({ config, secrets: options.secrets, now });
  const notifications = createNotificationDeps({
    requestsDb,
    workersDb,
    network,
    secretBox,
    telemetry: telemetry.instruments,
    log,
    config,
    showing: { lifecycle, pages },
    now,
  });
  const workers = await openWorkers(options, { boss, deps: inWorkers, connections, clock, time });
  // When a later step fails (the port is taken): they would go on fetching over closed connections.
  opened.defer(async () => await workers.stop(0));
  const health = createHealthProbe({
    connection: connections.health,
    now,
    schedulerRunning: () => workers.running,
    names: () => names.state(),
    clock: time,
    depthIntervalMs: 2_000,
    answerTimeFactor: options.answerTimeFactor,
  });
  opened.defer(() => health.close());
  telemetry.setSchedulerDepthSource(() => health.knownDepth());

  const ends = openWaitingRoom({ config, timers: clock, directUrl: route.directUrl, db: requestsDb, log });
  opened.use(ends);

  const server = await openServer({
    config,
    secrets: options.secrets,
    telemetry,
    log,
    now,
    db: requestsDb,
    rooms: {
      lifecycle,
      projects,
      notifications: notifications.operating,
      otlp: createOtlpIntake({ db: workersDb, config, now }),
      health,
      ...ends.rooms,
      pages,
    },
  });
  const sweep = openBaselineSweep({
    db: baselineDb,
    sourcesOver,
    telemetry: telemetry.instruments,
    log,
    now,
    timers: clock,
  });
  const sender = startSender({ ...notifications.sending, timers: clock, paused: () => time.state() === 'wrong' });

  const rest = opened.move();
  return {
    url: server.url,
    lifecycle,
    workers,
    sweep,
    sender,
    time,
    close: async () =>
      await stopInOrder({ config, health, waiting: ends.rooms.waiting, server, workers, sweep, sender, rest }),
  };
}
