/**
 * A Node.js application with OpenTelemetry's SDK and its instrumentation of HTTP, which pushes to a Collector. PORT, and
 * the SDK's own OTEL_*.
 */
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';

new NodeSDK({
  metricReaders: [
    new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter(), exportIntervalMillis: 1_000 }),
  ],
  spanProcessors: [],
  logRecordProcessors: [],
  instrumentations: [new HttpInstrumentation()],
}).start();

// After the start: what is imported before is not instrumented.
const { createServer } = await import('node:http');
createServer((request, response) => {
  response.statusCode = request.url === '/fault' ? 500 : 200;
  response.end('served');
}).listen(Number(process.env.PORT), '127.0.0.1');
