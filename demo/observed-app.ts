/**
 * A small real application, one process: answers requests, and serves the metrics contract from what it measured
 * of them. Version `faulty` is slow and fails one request in five.
 *
 * Settings: PORT, VERSION (healthy | faulty), WINDOW_SECONDS (what the five numbers look back on).
 */
import { createServer } from 'node:http';
import { performance } from 'node:perf_hooks';

/**
 * The healthy one never fails: the demo's minute has 120 requests where a real one at this rate has 2,400, so that one
 * failure by chance would read as .8 % of 2,400, which no chance explains.
 */
const VERSIONS = {
  healthy: { minMs: 100, maxMs: 150, errorRatio: 0 },
  faulty: { minMs: 380, maxMs: 620, errorRatio: 0.2 },
} as const;

const version = process.env.VERSION === 'faulty' ? VERSIONS.faulty : VERSIONS.healthy;
const windowMs = Number(process.env.WINDOW_SECONDS ?? 60) * 1000;
/** What this application was given to live in. */
const MEMORY_LIMIT_BYTES = 512 * 1024 * 1024;

interface Served {
  readonly atMs: number;
  readonly durationMs: number;
  readonly failed: boolean;
}

const bootedAtMs = performance.now();
let served: Served[] = [];
let cpuMarks: { atMs: number; cpuMs: number }[] = [];

const server = createServer((request, response) => {
  if (request.url === '/metrics') {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ metrics: measure() }));
    return;
  }
  const startedAtMs = performance.now();
  const workMs = version.minMs + Math.random() * (version.maxMs - version.minMs);
  setTimeout(() => {
    const failed = Math.random() < version.errorRatio;
    response.statusCode = failed ? 500 : 200;
    response.end(failed ? 'broken' : 'served');
    const nowMs = performance.now();
    served.push({ atMs: nowMs, durationMs: nowMs - startedAtMs, failed });
  }, workMs);
});

/** The five numbers of the contract, over the last window (over the whole life while that is shorter). */
function measure() {
  const nowMs = performance.now();
  const spanMs = Math.min(windowMs, nowMs - bootedAtMs);
  served = served.filter((one) => one.atMs > nowMs - windowMs);
  const durations = served.map((one) => one.durationMs).sort((a, b) => a - b);
  const p95 = durations[Math.max(0, Math.ceil(0.95 * durations.length) - 1)] ?? 0;
  return {
    requests_per_sec: round(served.length / (spanMs / 1000)),
    latency_p95: round(p95),
    error_rate: served.length === 0 ? 0 : round(served.filter((one) => one.failed).length / served.length),
    cpu_usage: round(cpuRatio(nowMs)),
    memory_usage: round(process.memoryUsage.rss() / MEMORY_LIMIT_BYTES),
  };
}

/** Share of one core over the last window. */
function cpuRatio(nowMs: number): number {
  const { user, system } = process.cpuUsage();
  const cpuMs = (user + system) / 1000;
  cpuMarks.push({ atMs: nowMs, cpuMs });
  cpuMarks = cpuMarks.filter((mark) => mark.atMs > nowMs - 2 * windowMs);
  const oldest = cpuMarks.find((mark) => mark.atMs > nowMs - windowMs);
  if (oldest === undefined || nowMs - oldest.atMs < 100) return Math.min(1, cpuMs / (nowMs - bootedAtMs));
  return Math.min(1, (cpuMs - oldest.cpuMs) / (nowMs - oldest.atMs));
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  const address = server.address();
  console.log(`listening ${typeof address === 'object' && address !== null ? address.port : ''}`);
});
process.once('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
