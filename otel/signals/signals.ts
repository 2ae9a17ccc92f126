import { type LogRecord, logs } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  ConsoleSpanExporter,
  SimpleSpanProcessor,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import { SCHEMA_URL, SCOPE_NAME } from '../../src/model/telemetry.ts';
import type { OtlpProtocol, TelemetrySettings, TracesExport } from '../settings/otel-settings.ts';
import { createDeploymentSpans } from './deployment-spans.ts';
import { createServerInstrumentation, noteRoute } from './server-spans.ts';
import { createClientInstrumentation } from './undici-spans.ts';

export interface Signals {
  /** Takes a log record within the context it belongs to; null while logs are not exported. */
  readonly emitLogRecord: ((record: LogRecord) => void) | null;
  /** Says which route the request under way has met; null while spans are not exported. */
  readonly noteRoute: ((template: string) => void) | null;
  shutdown(): Promise<void>;
}

/**
 * The default is no limit: a path of 16 KB that somebody asks for would be kept 16 KB long, and the job queue's
 * statements are 3 KB each, several times a job.
 */
const MAX_ATTRIBUTE_CHARS = 500;

/**
 * Starts the export of spans and log records, registered globally, so that `@opentelemetry/api` reaches it from
 * anywhere. Endpoints, headers, time limits, batch sizes of logs and a sampler that is named come by the SDK's own
 * reading of the environment. Metrics are not its business: they have our views in either direction.
 *
 * Load this file only when something is pushed: the SDK brings every exporter there is, about 10 MB.
 */
export async function startSignals(
  settings: TelemetrySettings,
  resource: Resource,
  serviceVersion: string,
): Promise<Signals> {
  const spanProcessors = settings.traces === null ? [] : await createSpanProcessors(settings.traces);
  const sdk = new NodeSDK({
    resource,
    // The default detectors put the command line and the user's name on everything.
    autoDetectResources: false,
    metricReaders: [],
    instrumentations: settings.traces === null ? [] : [createServerInstrumentation(), createClientInstrumentation()],
    spanProcessors,
    // Left out, the SDK builds them from the environment, and pushes to localhost when that says nothing.
    ...(settings.logs ? {} : { logRecordProcessors: [] }),
    // Whether a trace is worth keeping is known at its end, to the Collector. The SDK's default would also let any
    // caller switch its deployment's trace off, by a traceparent that ends in 00.
    ...(settings.samplerNamed ? {} : { sampler: new AlwaysOnSampler() }),
    ...(settings.attributeLimitNamed ? {} : { spanLimits: { attributeValueLengthLimit: MAX_ATTRIBUTE_CHARS } }),
    // The SDK's default adds baggage: whatever a caller puts there would be stored with each job and handed on to
    // the observed application, which is somebody else's.
    ...(settings.propagatorsNamed ? {} : { textMapPropagator: new W3CTraceContextPropagator() }),
  });
  sdk.start();
  const logger = logs.getLogger(SCOPE_NAME, serviceVersion, { schemaUrl: SCHEMA_URL });
  return {
    noteRoute: settings.traces === null ? null : noteRoute,
    emitLogRecord: settings.logs ? (record) => logger.emit(record) : null,
    shutdown: () => sdk.shutdown(),
  };
}

async function createSpanProcessors(traces: TracesExport): Promise<SpanProcessor[]> {
  return await Promise.all(
    traces.exporters.map(async (name) =>
      createDeploymentSpans(
        name === 'console'
          ? new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() })
          : new BatchSpanProcessor({ exporter: await createExporter(traces.protocol), ...traces.batch }),
      ),
    ),
  );
}

/** Endpoint, headers and the rest come by the exporter's own reading of the environment. */
async function createExporter(protocol: OtlpProtocol): Promise<SpanExporter> {
  if (protocol === 'grpc') {
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-grpc');
    return new OTLPTraceExporter();
  }
  const { OTLPTraceExporter } =
    protocol === 'http/json'
      ? await import('@opentelemetry/exporter-trace-otlp-http')
      : await import('@opentelemetry/exporter-trace-otlp-proto');
  return new OTLPTraceExporter();
}
