import { type MetricReader, PeriodicExportingMetricReader, type PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { MetricsPush } from '../settings/otel-settings.ts';
import { dropUncatalogued, temporalityOf } from './views.ts';

/**
 * A reader that pushes by OTLP every so often. It is also the one that a scrape asks when both are wanted: with a second
 * reader the SDK would keep for each what the other has collected, and with nobody scraping that grows without end.
 *
 * Certificates (OTEL_EXPORTER_OTLP_CERTIFICATE and its like) are read from the environment by the exporter itself.
 * Load this file only when something is pushed: it costs memory.
 */
export async function createPushReader(push: MetricsPush): Promise<MetricReader> {
  const otlp = await createExporter(push);
  const exporter: PushMetricExporter = {
    export: (metrics, done) => otlp.export(metrics, done),
    forceFlush: () => otlp.forceFlush(),
    shutdown: () => otlp.shutdown(),
    selectAggregation: dropUncatalogued,
    selectAggregationTemporality: temporalityOf,
  };
  return new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: push.intervalMs,
    exportTimeoutMillis: push.exportTimeoutMs,
  });
}

/** The exporter of the protocol that is asked for, and no other: gRPC alone is 20 MB. */
async function createExporter(push: MetricsPush): Promise<PushMetricExporter> {
  const options = {
    url: push.url,
    // The exporters' packages declare the enum but do not export it.
    compression: push.compression as never,
    timeoutMillis: push.requestTimeoutMs,
  };
  if (push.protocol === 'grpc') {
    const { OTLPMetricExporter } = await import('@opentelemetry/exporter-metrics-otlp-grpc');
    return new OTLPMetricExporter(options);
  }
  const { OTLPMetricExporter } =
    push.protocol === 'http/json'
      ? await import('@opentelemetry/exporter-metrics-otlp-http')
      : await import('@opentelemetry/exporter-metrics-otlp-proto');
  return new OTLPMetricExporter({ ...options, headers: push.headers });
}
