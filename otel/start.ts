import { randomUUID } from 'node:crypto';
import { createNoopMeter, diag, type LogRecord } from '@opentelemetry/api';
import { setGlobalErrorHandler } from '@opentelemetry/core';
import { RuntimeNodeInstrumentation } from '@opentelemetry/instrumentation-runtime-node';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { type Instruments, SCHEMA_URL, SCOPE_NAME } from '../src/model/telemetry.ts';
import { allMetrics } from './catalog/catalog.ts';
import { createInstruments } from './metrics/instruments.ts';
import { observeReadings } from './metrics/observe.ts';
import { createProcessReadings } from './metrics/process-readings.ts';
import { createScrape, createScrapeReader, type Exposition, refuseScrape } from './metrics/scrape.ts';
import {
  type ClockOffsetSource,
  createServiceReadings,
  type SchedulerDepthSource,
} from './metrics/service-readings.ts';
import { createViews } from './metrics/views.ts';
import { createDiagLog, diagLogLevelOf } from './settings/diag-log.ts';
import type { Environment } from './settings/environment.ts';
import { parseSettings, type TelemetrySettings } from './settings/otel-settings.ts';
import { toLogRecord } from './signals/log-records.ts';

/** Flushing to a Collector that does not answer must not hold up a deployment of the service itself. */
export const SHUTDOWN_TIMEOUT_MS = 5_000;

export interface TelemetryOptions {
  readonly serviceVersion: string;
  /** Default: random for each start, so that two replicas are never one series. */
  readonly serviceInstanceId?: string;
  /**
   * Default true: diagnostics, traces and logs register with OpenTelemetry's global API, of which a process has one.
   * With false only metrics exist, and any number of instances can live side by side.
   */
  readonly global?: boolean;
  /** Where diagnostics go; default standard error. */
  readonly writeLine?: (line: string) => void;
  readonly nowUnixMs?: () => number;
}

export interface Telemetry {
  readonly instruments: Instruments;
  /** OTEL_* values with which everything would be lost, each naming the variable: the service should not start. */
  readonly faults: readonly string[];
  /** OTEL_* values that are ignored or without effect, for the log. */
  readonly notices: readonly string[];
  /** Spans are exported: who asks the database should make some (src/tracing). */
  readonly tracing: boolean;
  /** Says which route the request under way has met, for its span; null: spans are not exported. */
  readonly noteRoute: ((template: string) => void) | null;
  /** Exports a line of the service's log, called while what it tells of happens; null: logs are not exported. */
  readonly logLine: ((line: string) => void) | null;
  /** The answer to `GET /metrics`; never rejects, always within a second. */
  scrape(): Promise<Exposition>;
  /** From now on the two scheduler gauges read this; until then they are left out. */
  setSchedulerDepthSource(source: SchedulerDepthSource): void;
  /** From now on seqpulse_clock_offset_seconds reads this; until then it is left out. */
  setClockOffsetSource(source: ClockOffsetSource): void;
  /** Flushes what is to be pushed, for 5 s at most, and ends everything. Never rejects. */
  shutdown(): Promise<void>;
}

/** Starts what the environment asks for. Wrong values do not throw: they come back as `faults`, and nothing is pushed. */
export async function startTelemetry(env: Environment, options: TelemetryOptions): Promise<Telemetry> {
  const settings = parseSettings(env);
  const nowUnixMs = options.nowUnixMs ?? Date.now;
  const global = options.global ?? true;
  // The default one says which SDK this is. The detectors would add the command line and the user's name.
  const resource = defaultResource().merge(
    resourceFromAttributes({
      'process.runtime.name': 'nodejs',
      'process.runtime.version': process.versions.node,
      'process.runtime.description': 'Node.js',
      'service.version': options.serviceVersion,
      'service.instance.id': options.serviceInstanceId ?? randomUUID(),
      // Last: what the installation says about itself wins.
      ...settings.resourceAttributes,
    }),
  );
  if (global) correctProcessEnvironment(env, settings.environment);
  const service = createServiceReadings();
  const closers: (() => Promise<void>)[] = [];

  let logLine: Telemetry['logLine'] = null;
  let noteRoute: Telemetry['noteRoute'] = null;
  if (global && (settings.traces !== null || settings.logs)) {
    const { startSignals } = await import('./signals/signals.ts');
    const signals = await startSignals(settings, resource, options.serviceVersion);
    closers.push(() => signals.shutdown());
    logLine = createLogLine(signals.emitLogRecord);
    noteRoute = signals.noteRoute;
  }
  // After the SDK, which sets a console logger of its own when OTEL_LOG_LEVEL is given.
  if (global) registerDiagnostics(settings, options.writeLine ?? writeToStderr, nowUnixMs);

  const reader = await createReader(settings);
  let scrape = refuseScrape(settings.scrapeRefusal ?? 'Metrics are switched off.');
  let meter = createNoopMeter();
  if (reader !== null) {
    // Not registered globally: a library's metrics would cost time with every request only to be dropped.
    const views = createViews(allMetrics, settings.metricsPush !== null && settings.conventionNames);
    const provider = new MeterProvider({ resource, views, readers: [reader] });
    const runtime = new RuntimeNodeInstrumentation();
    runtime.setMeterProvider(provider);
    meter = provider.getMeter(SCOPE_NAME, options.serviceVersion, { schemaUrl: SCHEMA_URL });
    observeReadings(meter, [...createProcessReadings(), ...service.readings]);
    if (settings.scrapeRefusal === null) scrape = createScrape(reader);
    closers.push(() => provider.shutdown().finally(() => runtime.disable()));
  }

  let closing: Promise<void> | null = null;
  return {
    instruments: createInstruments(meter),
    faults: settings.faults,
    notices: settings.notices,
    tracing: noteRoute !== null,
    noteRoute,
    logLine,
    scrape,
    setSchedulerDepthSource: service.setSchedulerDepthSource,
    setClockOffsetSource: service.setClockOffsetSource,
    shutdown: () => {
      closing ??= closeAll(closers);
      return closing;
    },
  };
}

function createLogLine(emit: ((record: LogRecord) => void) | null): ((line: string) => void) | null {
  if (emit === null) return null;
  return (line) => {
    const record = toLogRecord(line);
    if (record !== null) emit(record);
  };
}

/**
 * The SDK and its exporters read the environment of the process themselves. What is ignored here is to be ignored there
 * too: of propagators among which is `none`, for one, the SDK makes none at all.
 */
function correctProcessEnvironment(given: Environment, corrected: Environment): void {
  for (const [name, value] of Object.entries(corrected)) {
    if (value === given[name]) continue;
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}

async function createReader(settings: TelemetrySettings) {
  if (settings.metricsPush !== null) {
    const { createPushReader } = await import('./metrics/push.ts');
    return await createPushReader(settings.metricsPush);
  }
  return settings.scrapeRefusal === null ? createScrapeReader() : null;
}

function registerDiagnostics(
  settings: TelemetrySettings,
  writeLine: (line: string) => void,
  nowUnixMs: () => number,
): void {
  const logger = createDiagLog({ writeLine, nowUnixMs, secrets: settings.secrets });
  diag.setLogger(logger, { logLevel: diagLogLevelOf(settings.logLevel), suppressOverrideMessage: true });
  // The default handler prints the whole exception as JSON, stack included.
  setGlobalErrorHandler((error) => diag.error('export failed', error));
}

async function closeAll(closers: readonly (() => Promise<void>)[]): Promise<void> {
  const { promise: deadline, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, SHUTDOWN_TIMEOUT_MS);
  await Promise.race([Promise.allSettled(closers.map(async (close) => await close())), deadline]);
  clearTimeout(timer);
}

function writeToStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}
