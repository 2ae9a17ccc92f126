import { randomBytes } from 'node:crypto';
import { telemetry } from '../otel/register.ts';
import { describeFaults, parseConfig } from './config/parse-config.ts';
import { loadOrCreateSecrets } from './data-folder/secrets.ts';
import { openEmbeddedDatabase } from './embedded-postgres/embedded-database.ts';
import { createLogDestination, createLogger, createStartSteps } from './log/log.ts';
import { StartError } from './model/start-error.ts';
import { followNpm } from './service/follow-npm.ts';
import { startService } from './service/start.ts';
import { onStopSignals, SIGNAL_EXIT_CODES } from './service/stop-signals.ts';

/** sysexits.h: EX_CONFIG. */
const EXIT_CONFIG = 78;
const EXIT_FAILURE = 1;
const DATABASE_STEPS = {
  making: 'making the database: some seconds, this once …',
  starting: 'starting the database …',
} as const;

/**
 * Node gives look-ups half of libuv's threads. Endpoint names have processes of their own (sources/network/names/); this
 * is for the database's and the Collector's, also when no such process can be started. Set before the first thread is made.
 */
process.env.UV_THREADPOOL_SIZE ??= '16';

/** The composition root: settings → secrets → database → service; closed in reverse order. */
async function main(): Promise<number> {
  const parsed = parseConfig(process.env);
  if (!parsed.ok || telemetry.faults.length > 0) {
    process.stderr.write(`${describeFaults(parsed.ok ? [] : parsed.faults, telemetry.faults)}\n`);
    return EXIT_CONFIG;
  }
  const { config } = parsed;
  const log = createLogger(config.logLevel, createLogDestination(telemetry.logLine));
  const step = createStartSteps(config.logLevel);
  const stop = stopRequest();
  followNpm(() => stop.request('npm has ended', 0));

  await using opened = new AsyncDisposableStack();
  opened.defer(async () => await telemetry.shutdown());
  for (const notice of telemetry.notices) log.warn({ event: 'telemetry_notice' }, notice);
  const secrets = await loadOrCreateSecrets({ ...config, randomBytes });
  for (const notice of secrets.notices) log.info({ event: 'secret_place' }, notice);

  let connectionString = config.databaseUrl;
  if (connectionString === null) {
    if (config.databaseDirectUrl !== null) {
      throw new StartError('DATABASE_DIRECT_URL is set and DATABASE_URL is not: set both, or neither.');
    }
    const embedded = await openEmbeddedDatabase({
      dataDir: config.dataDir,
      log: (event, fields) => log.info({ event, ...fields }, 'embedded database'),
      onStep: (name) => step(DATABASE_STEPS[name]),
      onLost: (error) => stop.request('the embedded database stopped', EXIT_FAILURE, error.message),
    });
    opened.defer(async () => await embedded.close());
    stop.onImpatience(async () => await embedded.stopServer());
    connectionString = embedded.connectionString;
  }
  // Whoever asks for a stop while the database is being made must not wait for the rest of the start.
  if (stop.isRequested()) return 0;
  step('bringing the tables up to date, then starting the service …');
  const service = await startService({ config, secrets, connectionString, telemetry, log });
  opened.defer(async () => await service.close());
  log.info({ event: 'service_started', url: service.url }, `SeqPulse listens on ${service.url}`);

  const { reason, code, advice } = await stop.requested;
  log.info({ event: 'service_stopping', reason }, `${reason}: finishing what runs, giving the rest back`);
  await opened.disposeAsync();
  log.info({ event: 'service_stopped' }, 'stopped');
  if (advice !== undefined) process.stderr.write(`seqpulse: ${advice}\n`);
  return code;
}

interface Stop {
  readonly reason: string;
  readonly code: number;
  readonly advice?: string;
}

interface StopRequest {
  readonly requested: Promise<Stop>;
  /** `advice`: what to do about it, for standard error at the end. */
  readonly request: (reason: string, code: number, advice?: string) => void;
  readonly isRequested: () => boolean;
  /** What a second signal still does before the process ends, for a few seconds at most. */
  readonly onImpatience: (lastAct: () => Promise<void>) => void;
}

const LAST_ACT_MS = 5_000;

/** The first SIGTERM, SIGINT or SIGHUP asks for an orderly stop; a second one ends the process at once, as is the custom. */
function stopRequest(): StopRequest {
  const { promise, resolve } = Promise.withResolvers<Stop>();
  let isRequested = false;
  let lastAct: (() => Promise<void>) | null = null;
  const request = (reason: string, code: number, advice?: string) => {
    isRequested = true;
    resolve({ reason, code, ...(advice === undefined ? {} : { advice }) });
  };
  onStopSignals({
    first: (signal) => request(signal, 0),
    again: (signal) => {
      const end = () => process.exit(SIGNAL_EXIT_CODES[signal]);
      const act = lastAct;
      lastAct = null;
      if (act === null) return end();
      setTimeout(end, LAST_ACT_MS);
      act().then(end, end);
    },
  });
  return {
    requested: promise,
    request,
    isRequested: () => isRequested,
    onImpatience: (act) => {
      lastAct = act;
    },
  };
}

let exitCode: number = EXIT_FAILURE;
try {
  exitCode = await main();
} catch (error) {
  process.stderr.write(
    error instanceof StartError ? `seqpulse: ${error.message}\n` : `seqpulse: could not start: ${String(error)}\n`,
  );
}
// All is closed; what still keeps the process alive is an exporter's timer, for a Collector that does not answer.
process.exit(exitCode);
