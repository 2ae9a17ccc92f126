import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { createNoopMeter, diag, type LogRecord } from '@opentelemetry/api';
import { setGlobalErrorHandler } from '@opentelemetry/core';
import { RuntimeNodeInstrumentation } from '@opentelemetry/instrumentation-runtime-node';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, type MetricProducer } from '@opentelemetry/sdk-metrics';
import type { Instruments } from '../src/model/telemetry.ts';
import { allMetrics, SEQPULSE_METER } from './catalog/catalog.ts';
import { createInstruments } from './metrics/instruments.ts';
import { createProcessReadings } from './metrics/process-readings.ts';
import { createReadingsProducer } from './metrics/readings.ts';
import { createSchedulerDepth, type SchedulerDepthSource } from './metrics/scheduler-readings.ts';
import { createScrape, createScrapeReader, type Exposition, refuseScrape } from './metrics/scrape.ts';
import { createViews } from './metrics/views.ts';
import { createDiagLog, diagLogLevelOf } from './settings/diag-log.ts';
import type { Environment } from './settings/environment.ts';
import { parseSettings, type TelemetrySettings } from './settings/otel-settings.ts';
import { toLogRecord } from './signals/log-records.ts';

/** Flushing to a Collector that does not answer must not hold up a deployment of the service itself. */
const SHUTDOWN_TIMEOUT_MS = 5_000;

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
  /** Spans are exported: who handles requests should make some (src/http/middleware/trace.ts). */
  readonly tracing: boolean;
  /** Exports a line of the service's log, called while what it tells of happens; null: logs are not exported. */
  readonly logLine: ((line: string) => void) | null;
  /** The answer to `GET /metrics`; never rejects, always within a second. */
  scrape(): Promise<Exposition>;
  /** From now on the two scheduler gauges read this; until then they are left out. */
  setSchedulerDepthSource(source: SchedulerDepthSource): void;
  /** Flushes what is to be pushed, for 5 s at most, and ends everything. Never rejects. */
  shutdown(): Promise<void>;
}

/** Starts what the environment asks for. Wrong values do not throw: they come back as `faults`, and nothing is pushed. */
export async function startTelemetry(env: Environment, options: TelemetryOptions): Promise<Telemetry> {
  const settings = parseSettings(env);
  const nowUnixMs = options.nowUnixMs ?? Date.now;
  const global = options.global ?? true;
  const resource = resourceFromAttributes({
    'service.version': options.serviceVersion,
    'service.instance.id': options.serviceInstanceId ?? randomUUID(),
    // Last: what the installation says about itself wins.
    ...settings.resourceAttributes,
  });
  if (global) correctProcessEnvironment(env, settings.environment);
  const depth = createSchedulerDepth();
  const closers: (() => Promise<void>)[] = [];

  let logLine: ((line: string) => void) | null = null;
  if (global && (settings.traces !== null || settings.logs)) {
    const { startSignals } = await import('./signals/signals.ts');
    const signals = await startSignals(settings, resource);
    closers.push(() => signals.shutdown());
    logLine = createLogLine(signals.emitLogRecord);
  }
  // After the SDK, which sets a console logger of its own when OTEL_LOG_LEVEL is given.
  if (global) registerDiagnostics(settings, options.writeLine ?? writeToStderr, nowUnixMs);

  const readings = createReadingsProducer({ nowUnixMs, startUnixMs: performance.timeOrigin }, [
    ...createProcessReadings(),
    ...depth.readings,
  ]);
  const reader = await createReader(settings, readings);
  let scrape = refuseScrape(settings.scrapeRefusal ?? 'Metrics are switched off.');
  let meter = createNoopMeter();
  if (reader !== null) {
    // Not registered globally: a library's metrics would cost time with every request only to be dropped.
    const provider = new MeterProvider({ resource, views: createViews(allMetrics), readers: [reader] });
    const runtime = new RuntimeNodeInstrumentation();
    runtime.setMeterProvider(provider);
    meter = provider.getMeter(SEQPULSE_METER);
    if (settings.scrapeRefusal === null) scrape = createScrape(reader);
    closers.push(() => provider.shutdown().finally(() => runtime.disable()));
  }

  let closing: Promise<void> | null = null;
  return {
    instruments: createInstruments(meter),
    faults: settings.faults,
    notices: settings.notices,
    tracing: global && settings.traces !== null,
    logLine,
    scrape,
    setSchedulerDepthSource: depth.setSource,
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

async function createReader(settings: TelemetrySettings, producer: MetricProducer) {
  if (settings.metricsPush !== null) {
    const { createPushReader } = await import('./metrics/push.ts');
    return await createPushReader(settings.metricsPush, [producer]);
  }
  return settings.scrapeRefusal === null ? createScrapeReader([producer]) : null;
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
