import { type Environment, listOf, otlpSettingOf, pairsOf, type Signal, settingOf } from './environment.ts';
import { readEnvironment } from './read-environment.ts';

/** https://opentelemetry.io/docs/specs/otel/protocol/exporter/#specify-protocol */
export type OtlpProtocol = 'http/protobuf' | 'http/json' | 'grpc';

/** Where the metrics go by OTLP, and how often. */
export interface MetricsPush {
  readonly protocol: OtlpProtocol;
  readonly url: string;
  /** For HTTP; the gRPC exporter takes its metadata from the environment itself. */
  readonly headers: Readonly<Record<string, string>>;
  readonly compression: 'gzip' | 'none';
  /** For one request with its retries. */
  readonly requestTimeoutMs: number;
  readonly intervalMs: number;
  /** For one collection and its export; at most the interval. */
  readonly exportTimeoutMs: number;
}

/** Where the spans go, and in which batches. */
export interface TracesExport {
  /** At least one. */
  readonly exporters: readonly ('otlp' | 'console')[];
  readonly protocol: OtlpProtocol;
  readonly batch: {
    readonly maxQueueSize: number;
    readonly maxExportBatchSize: number;
    readonly scheduledDelayMillis: number;
    readonly exportTimeoutMillis: number;
  };
}

/** What the environment asks for. */
export interface TelemetrySettings {
  /** Why /metrics is not served; null when it is. One sentence for whoever opens it. */
  readonly scrapeRefusal: string | null;
  /** null: metrics are not pushed. */
  readonly metricsPush: MetricsPush | null;
  /** What is pushed has the names of the semantic conventions beside those of the catalogue. */
  readonly conventionNames: boolean;
  /** null: spans are not exported. */
  readonly traces: TracesExport | null;
  /** OTEL_TRACES_SAMPLER is set. */
  readonly samplerNamed: boolean;
  /** OTEL_PROPAGATORS is set. */
  readonly propagatorsNamed: boolean;
  /** OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT or its general form is set. */
  readonly attributeLimitNamed: boolean;
  /** Log records are exported. */
  readonly logs: boolean;
  /** What OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME and SEQPULSE_ENV say about this installation. */
  readonly resourceAttributes: Readonly<Record<string, string>>;
  /** Lower case; `warn` by default. */
  readonly logLevel: string;
  /** Strings that must never be printed. */
  readonly secrets: readonly string[];
  /** Endpoints and headers that can't be used, each naming its variable. With any, nothing is pushed. */
  readonly faults: readonly string[];
  /** What is ignored, and what is right and has no effect. */
  readonly notices: readonly string[];
  /** The environment without what is ignored, for the SDK, which reads it too. */
  readonly environment: Environment;
}

/**
 * Reads the standard OTEL_* variables with their standard meaning but for the defaults: `service.name` is
 * `seqpulse-backend`, metrics go to the Prometheus exporter, logs nowhere, propagation is W3C trace context without
 * baggage, all traces are sampled, and nothing is pushed unless an OTLP endpoint is set.
 */
export function parseSettings(given: Environment): TelemetrySettings {
  const { env, faults, notices: ignored } = readEnvironment(given);
  const disabled = env.OTEL_SDK_DISABLED === 'true';
  const notices = [...ignored];
  const on = !disabled && faults.length === 0;

  const metricsExporters = listOf(settingOf(env, 'OTEL_METRICS_EXPORTER') ?? 'prometheus');
  const wantsPush = (signal: Signal, exporters: readonly string[]): boolean => {
    if (!exporters.includes('otlp') || endpointOf(env, signal) !== null) return exporters.includes('otlp');
    notices.push(`OTEL_${signal}_EXPORTER is otlp, but nothing is pushed: set OTEL_EXPORTER_OTLP_ENDPOINT as well.`);
    return false;
  };
  // By the standard they default to otlp, which is only meant when there is an endpoint to push to.
  const tracesDefault = endpointOf(env, 'TRACES') === null ? 'none' : 'otlp';
  const tracesExporters = listOf(settingOf(env, 'OTEL_TRACES_EXPORTER') ?? tracesDefault);
  // Not by default: the lines are on standard output already, and a backend of traces would refuse them.
  const logsExporters = listOf(settingOf(env, 'OTEL_LOGS_EXPORTER') ?? 'none');
  const pushes = {
    metrics: wantsPush('METRICS', metricsExporters),
    traces: wantsPush('TRACES', tracesExporters),
    logs: wantsPush('LOGS', logsExporters),
  };

  return {
    scrapeRefusal: refusalOf(disabled, metricsExporters, pushes.metrics),
    metricsPush: on && pushes.metrics ? metricsPushOf(env) : null,
    conventionNames: settingOf(env, 'SEQPULSE_OTLP_METRIC_NAMES') === 'both',
    traces: on && (pushes.traces || isConsoleOnly(tracesExporters)) ? tracesExportOf(env, tracesExporters) : null,
    samplerNamed: settingOf(env, 'OTEL_TRACES_SAMPLER') !== undefined,
    propagatorsNamed: settingOf(env, 'OTEL_PROPAGATORS') !== undefined,
    attributeLimitNamed: ['OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'].some(
      (name) => settingOf(env, name) !== undefined,
    ),
    logs: on && (pushes.logs || isConsoleOnly(logsExporters)),
    resourceAttributes: resourceAttributesOf(env),
    logLevel: settingOf(env, 'OTEL_LOG_LEVEL') ?? 'warn',
    secrets: secretsOf(given),
    faults,
    notices: disabled ? [] : notices,
    environment: env,
  };
}

/** With otlp beside it and no endpoint, the SDK would fall back to pushing to localhost. */
function isConsoleOnly(exporters: readonly string[]): boolean {
  return exporters.length === 1 && exporters[0] === 'console';
}

function refusalOf(disabled: boolean, exporters: readonly string[], pushed: boolean): string | null {
  if (disabled) return 'OTEL_SDK_DISABLED=true switches all telemetry off.';
  if (exporters.includes('prometheus')) return null;
  const set = `OTEL_METRICS_EXPORTER=${exporters.join(',')}`;
  if (!exporters.includes('otlp')) return `Metrics are not served here: ${set}. Set it to prometheus to scrape them.`;
  const pushing = pushed
    ? 'they are pushed by OTLP instead'
    : 'and with no OTEL_EXPORTER_OTLP_ENDPOINT none are pushed';
  return `Metrics are not served here: ${set}, ${pushing}. Set it to prometheus,otlp to scrape them too.`;
}

/**
 * The signal's own endpoint is taken as it is, the general one gets the signal's path over HTTP: the OTLP exporter
 * specification.
 */
function endpointOf(env: Environment, signal: Signal): string | null {
  const own = settingOf(env, `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`);
  if (own !== undefined) return own;
  const general = settingOf(env, 'OTEL_EXPORTER_OTLP_ENDPOINT');
  if (general === undefined) return null;
  return protocolOf(env, signal) === 'grpc' ? general : `${general.replace(/\/$/, '')}/v1/${signal.toLowerCase()}`;
}

function protocolOf(env: Environment, signal: Signal): OtlpProtocol {
  return (otlpSettingOf(env, signal, 'PROTOCOL') as OtlpProtocol | undefined) ?? 'http/protobuf';
}

function metricsPushOf(env: Environment): MetricsPush {
  const otlp = (suffix: string) => otlpSettingOf(env, 'METRICS', suffix);
  const intervalMs = Number(settingOf(env, 'OTEL_METRIC_EXPORT_INTERVAL') ?? 60_000);
  return {
    protocol: protocolOf(env, 'METRICS'),
    url: endpointOf(env, 'METRICS') ?? '',
    headers: {
      ...pairsOf(settingOf(env, 'OTEL_EXPORTER_OTLP_HEADERS')),
      ...pairsOf(settingOf(env, 'OTEL_EXPORTER_OTLP_METRICS_HEADERS')),
    },
    compression: otlp('COMPRESSION') === 'gzip' ? 'gzip' : 'none',
    requestTimeoutMs: Number(otlp('TIMEOUT') ?? 10_000),
    intervalMs,
    exportTimeoutMs: Math.min(Number(settingOf(env, 'OTEL_METRIC_EXPORT_TIMEOUT') ?? 30_000), intervalMs),
  };
}

/** The defaults of the specification: a queue of 2,048 spans is a few MB at the most, whatever the Collector does. */
function tracesExportOf(env: Environment, exporters: readonly string[]): TracesExport {
  const numberOf = (name: string, otherwise: number) => Number(settingOf(env, `OTEL_BSP_${name}`) ?? otherwise);
  return {
    exporters: exporters.filter((name) => name === 'otlp' || name === 'console'),
    protocol: protocolOf(env, 'TRACES'),
    batch: {
      maxQueueSize: numberOf('MAX_QUEUE_SIZE', 2_048),
      maxExportBatchSize: numberOf('MAX_EXPORT_BATCH_SIZE', 512),
      scheduledDelayMillis: numberOf('SCHEDULE_DELAY', 5_000),
      exportTimeoutMillis: numberOf('EXPORT_TIMEOUT', 30_000),
    },
  };
}

function resourceAttributesOf(env: Environment): Record<string, string> {
  const serviceName = settingOf(env, 'OTEL_SERVICE_NAME');
  const environmentName = settingOf(env, 'SEQPULSE_ENV');
  return {
    'service.name': 'seqpulse-backend',
    'deployment.environment.name': 'development',
    ...pairsOf(settingOf(env, 'OTEL_RESOURCE_ATTRIBUTES')),
    ...(serviceName === undefined ? {} : { 'service.name': serviceName }),
    ...(environmentName === undefined ? {} : { 'deployment.environment.name': environmentName }),
  };
}

/** Shorter ones are tenant numbers and the like; striking out every `1` would make messages unreadable. */
const MIN_SECRET_CHARS = 4;

/** Header values, whole and without their scheme (`Bearer …`), and passwords of endpoint URLs. */
function secretsOf(env: Environment): string[] {
  const secrets: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('OTEL_EXPORTER_OTLP_') || value === undefined) continue;
    if (name.endsWith('_HEADERS')) {
      for (const header of Object.values(pairsOf(value) ?? { all: value }))
        secrets.push(header, header.split(' ').at(-1) ?? '');
    }
    if (name.endsWith('_ENDPOINT') && URL.canParse(value)) secrets.push(new URL(value).password);
  }
  return secrets.filter((secret) => secret.length >= MIN_SECRET_CHARS);
}
