import autocannon from 'autocannon';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Api } from '../../harness/api.ts';
import { findCollector, freeCollectorPorts, startCollector } from '../../harness/collector.ts';
import { numberOf } from '../../harness/exposition.ts';
import { startObservedApp } from '../../harness/observed-app.ts';
import { openOtlpSink } from '../../harness/otlp-sink.ts';
import { type ServiceProcess, startServiceProcess } from '../../harness/service-process.ts';
import { until } from '../../harness/until.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const collector = findCollector('the tests that the Collector comes back in are');

const EVERYTHING_OFTEN = {
  SEQPULSE_PRE_SAMPLES: '1',
  SEQPULSE_POST_INTERVAL_SECONDS: '0.1',
  OTEL_METRICS_EXPORTER: 'prometheus,otlp',
  OTEL_METRIC_EXPORT_INTERVAL: '200',
  OTEL_LOGS_EXPORTER: 'otlp',
  OTEL_BSP_SCHEDULE_DELAY: '100',
  OTEL_BLRP_SCHEDULE_DELAY: '100',
};
/** Readings a tenth of a second apart may come down to too few moments. */
const NO_ALARM = ['ok', 'insufficient_data'];
const MIB = 1024 * 1024;
/** Half of what the spans of this test would take if they were all kept. */
const HEAP_MIB = 112;

let opened: AsyncDisposableStack;
let database: TestDatabase;
beforeEach(async () => {
  opened = new AsyncDisposableStack();
  database = opened.use(await createTestDatabase());
});
afterEach(async () => await opened.disposeAsync());

async function start(env: Record<string, string>): Promise<ServiceProcess> {
  return opened.use(await startServiceProcess({ DATABASE_URL: database.url, ...EVERYTHING_OFTEN, ...env }));
}

/** A deployment from its trigger to its verdict. */
async function deploy(api: Api, name: string): Promise<string> {
  await using app = await startObservedApp();
  const { apiKey } = await api.newProject({ name, endpoint: app.url });
  const id = (await api.trigger(apiKey, { env: 'prod' })).body.deployment_id;
  await until('a sample from before', 30, async () => {
    const { body } = await api.request('GET', `/deployments/${id}/metrics`, { headers: { 'X-API-Key': apiKey } });
    return body.samples.length > 0;
  });
  await api.finish(apiKey, { deployment_id: id, result: 'success' });
  return await until('a verdict', 45, async () => (await api.deployment(apiKey, id)).body.verdict?.verdict);
}

/** Requests whose spans are as large as spans get: 8 KB of path that leads nowhere. */
async function makeLargeSpans(url: string, amount: number): Promise<void> {
  const result = await autocannon({ url: `${url}/${'x'.repeat(8_000)}`, connections: 16, amount });
  expect(result['4xx']).toBe(amount);
}

async function residentMiB(api: Api): Promise<number> {
  const { body } = await api.request('GET', '/metrics');
  return (numberOf(body, 'process_resident_memory_bytes') ?? Number.NaN) / MIB;
}

/** The rule is one a minute in all: each batch that is dropped would be one. */
function expectOneAMinute(stderr: string): void {
  const times = stderr
    .split('\n')
    .filter((line) => line.includes('telemetry_diagnostic'))
    .map((line) => Date.parse(JSON.parse(line).time));
  expect(times.length).toBeGreaterThan(0);
  for (const [index, time] of times.slice(1).entries()) {
    expect(time - (times[index] ?? 0)).toBeGreaterThanOrEqual(60_000);
  }
}

describe('a Collector that takes every request and never answers', () => {
  test('costs no verdict, no more memory than its queues, a warning a minute at most, and no end of its own', async () => {
    const sink = opened.use(await openOtlpSink(() => {}));
    const service = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      LOG_LEVEL: 'info',
      // Far enough apart that a busy machine's polls make five moments of them.
      SEQPULSE_POST_INTERVAL_SECONDS: '3',
      // V8 tidies up late where memory is plenty: then garbage looks like growth.
      NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}`,
    });
    expect(await deploy(service.api, 'observed all the same')).toBe('ok');

    // Until the queues (2,048 spans, 2,048 records) are full and the heap has its size.
    await makeLargeSpans(service.url, 6_000);
    const full = await residentMiB(service.api);
    await makeLargeSpans(service.url, 9_000);
    const later = await residentMiB(service.api);
    expect(later - full).toBeLessThan(30);
    for (const path of ['/v1/traces', '/v1/logs', '/v1/metrics']) {
      expect(sink.received.map((request) => request.path)).toContain(path);
    }

    service.kill('SIGTERM');
    const { code, stderr } = await service.exited;
    expect(code).toBe(0);
    expectOneAMinute(stderr);
  });
});

describe.skipIf(collector.missing)('a Collector that is away', () => {
  test('at the start, and again later, gets all signals as soon as it is there, without a restart', async () => {
    const ports = await freeCollectorPorts();
    const service = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${ports.http}`,
      OTEL_EXPORTER_OTLP_TIMEOUT: '1000',
    });
    expect(NO_ALARM).toContain(await deploy(service.api, 'before'));

    for (const time of ['first', 'second']) {
      const running = await startCollector({ layers: ['metrics-prometheus', 'look'], ports });
      const project = (await service.api.newProject({ name: `${time} time` })).id;
      await until('its trace', 30, async () => {
        await service.api.operator('GET', `/projects/${project}`);
        return running.output().includes('GET /projects/{id}');
      });
      await until('its log lines', 30, () => running.output().includes('request handled'));
      await until('its metrics', 30, async () => {
        const page = await (await fetch(`http://${running.prometheusAddress}/metrics`)).text();
        return page.includes('seqpulse_analysis_verdict_total{') && page.includes('/projects/{id}');
      });
      await running[Symbol.asyncDispose]();
      expect(NO_ALARM).toContain(await deploy(service.api, `away after the ${time} time`));
    }
    service.kill('SIGTERM');
    expectOneAMinute((await service.exited).stderr);
  });
});
