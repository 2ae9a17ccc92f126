/**
 * A Node.js application with OpenTelemetry's SDK and its instrumentation of HTTP, which pushes to a Collector. PORT, and
 * the SDK's own OTEL_*.
 */
import { createRequire } from 'node:module';
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

// After the start, and required: that is what the instrumentation hooks into.
/** @type {typeof import('node:http')} */
const { createServer } = createRequire(import.meta.url)('node:http');
createServer((request, response) => {
  response.statusCode = request.url === '/fault' ? 500 : 200;
  response.end('served');
}).listen(Number(process.env.PORT), '127.0.0.1');
