/**
 * The demo's application as a team has it that runs a Prometheus: prom-client, and not a line for SeqPulse. Version
 * `faulty` is slow and fails one request in five.
 *
 * Settings: PORT, VERSION (healthy | faulty).
 */
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const { collectDefaultMetrics, Histogram, register } = createRequire(import.meta.url)('prom-client');

const VERSIONS = {
  healthy: { minMs: 100, maxMs: 150, errorRatio: 0 },
  faulty: { minMs: 380, maxMs: 620, errorRatio: 0.2 },
} as const;
const version = process.env.VERSION === 'faulty' ? VERSIONS.faulty : VERSIONS.healthy;

collectDefaultMetrics();
const duration = new Histogram({
  name: 'http_request_duration_seconds',
  help: 'Duration of HTTP requests in seconds',
  labelNames: ['route', 'status_code'],
  buckets: [0.05, 0.1, 0.12, 0.14, 0.16, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 2, 5],
});

const server = createServer((request, response) => {
  if (request.url === '/metrics') {
    response.setHeader('Content-Type', register.contentType);
    void register.metrics().then((text: string) => response.end(text));
    return;
  }
  const end = duration.startTimer({ route: '/' });
  setTimeout(
    () => {
      const failed = Math.random() < version.errorRatio;
      response.statusCode = failed ? 500 : 200;
      response.end(failed ? 'broken' : 'served');
      end({ status_code: response.statusCode });
    },
    version.minMs + Math.random() * (version.maxMs - version.minMs),
  );
});

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  const address = server.address();
  console.log(`listening ${typeof address === 'object' && address !== null ? address.port : ''}`);
});
process.once('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
