import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import {
  type MetricProducer,
  type MetricReader,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';
import type { MetricsPush } from '../settings/otel-settings.ts';
import { dropUncatalogued, temporalityOf } from './views.ts';

type ExporterOptions = NonNullable<ConstructorParameters<typeof OTLPMetricExporter>[0]>;

/**
 * A reader that pushes by OTLP every so often. It is also the one that a scrape asks when both are wanted: with a second
 * reader the SDK would keep for each what the other has collected, and with nobody scraping that grows without end.
 *
 * Certificates (OTEL_EXPORTER_OTLP_CERTIFICATE and its like) are read from the environment by the exporter itself.
 * Load this file only when something is pushed: it costs memory.
 */
export function createPushReader(push: MetricsPush, metricProducers: MetricProducer[]): MetricReader {
  const otlp = new OTLPMetricExporter({
    url: push.url,
    headers: push.headers,
    compression: push.compression as NonNullable<ExporterOptions['compression']>,
    timeoutMillis: push.requestTimeoutMs,
  });
  const exporter: PushMetricExporter = {
    export: (metrics, done) => otlp.export(metrics, done),
    forceFlush: () => otlp.forceFlush(),
    shutdown: () => otlp.shutdown(),
    selectAggregation: dropUncatalogued,
    selectAggregationTemporality: temporalityOf,
  };
  return new PeriodicExportingMetricReader({
    exporter,
    metricProducers,
    exportIntervalMillis: push.intervalMs,
    exportTimeoutMillis: push.exportTimeoutMs,
  });
}
