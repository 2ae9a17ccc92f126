/**
 * The demo's application as a team has it that uses OpenTelemetry: its SDK exports by OTLP, where its own variables say. Version
 * `faulty` is slow and fails one request in five.
 *
 * Settings: PORT, VERSION (healthy | faulty), and OpenTelemetry's OTEL_EXPORTER_OTLP_METRICS_ENDPOINT and …_HEADERS.
 */
import { createServer } from 'node:http';
import { freemem, totalmem } from 'node:os';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';

const VERSIONS = {
  healthy: { minMs: 100, maxMs: 150, errorRatio: 0 },
  faulty: { minMs: 380, maxMs: 620, errorRatio: 0.2 },
} as const;
const EXPORT_INTERVAL_MS = 5_000;
const version = process.env.VERSION === 'faulty' ? VERSIONS.faulty : VERSIONS.healthy;

const provider = new MeterProvider({
  resource: resourceFromAttributes({
    'service.name': process.env.SERVICE_NAME ?? 'demo',
    'service.version': process.env.VERSION ?? 'healthy',
    'service.instance.id': String(process.pid),
  }),
  readers: [
    new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter(), exportIntervalMillis: EXPORT_INTERVAL_MS }),
  ],
});
const meter = provider.getMeter('demo');
const duration = meter.createHistogram('http.server.request.duration', {
  unit: 's',
  advice: { explicitBucketBoundaries: [0.05, 0.1, 0.12, 0.14, 0.16, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 2, 5] },
});
// What instrumentations of the host and of the process tell.
let last = { usage: process.cpuUsage(), atMs: performance.now() };
meter.createObservableGauge('process.cpu.utilization').addCallback((result) => {
  const used = process.cpuUsage(last.usage);
  const elapsedMs = performance.now() - last.atMs;
  last = { usage: process.cpuUsage(), atMs: performance.now() };
  result.observe(Math.min(1, (used.user + used.system) / 1_000 / elapsedMs));
});
meter.createObservableGauge('system.memory.utilization').addCallback((result) => {
  result.observe(1 - freemem() / totalmem(), { 'system.memory.state': 'used' });
});

const server = createServer((_request, response) => {
  const startedAtMs = performance.now();
  setTimeout(
    () => {
      const failed = Math.random() < version.errorRatio;
      response.statusCode = failed ? 500 : 200;
      response.end(failed ? 'broken' : 'served');
      duration.record((performance.now() - startedAtMs) / 1_000, {
        'http.request.method': 'GET',
        'http.route': '/',
        'http.response.status_code': response.statusCode,
      });
    },
    version.minMs + Math.random() * (version.maxMs - version.minMs),
  );
});

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  const address = server.address();
  console.log(`listening ${typeof address === 'object' && address !== null ? address.port : ''}`);
});
process.once('SIGTERM', () => {
  server.close(() => void provider.shutdown().finally(() => process.exit(0)));
  server.closeAllConnections();
});
