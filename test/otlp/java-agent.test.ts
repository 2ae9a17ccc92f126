import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../harness/until.ts';
import { decodePoints } from '../../src/sources/otlp/decode-stored.ts';
import { foldMinutes } from '../../src/sources/otlp/fold.ts';
import { tellOf } from '../../src/sources/otlp/increments.ts';
import { sampleOf } from '../../src/sources/otlp/sample.ts';
import { type ApplicationKind, startApplication } from '../support/real-applications.ts';
import { openStage, type Stage } from '../support/stage.ts';

const path = (from: string) => fileURLToPath(new URL(from, import.meta.url));
const AGENT = process.env.SEQPULSE_TEST_JAVA_AGENT ?? path('../../.cache/otel-java/opentelemetry-javaagent.jar');

const missing = !existsSync(AGENT)
  ? `bash test/applications/java/fetch-agent.sh (needs Maven)`
  : spawnSync('javac', ['-version']).status === 0
    ? null
    : 'apt-get install default-jdk-headless';
// A registry that is away is no failure of SeqPulse.
if (missing !== null) console.warn(`tests of what Java's agent sends skipped. To run them: ${missing}`);

const SHOP: ApplicationKind = {
  missing,
  prepare: () => {},
  command: () => [
    ...['java', `-javaagent:${AGENT}`, '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx128m'],
    path('../applications/java/Shop.java'),
  ],
};

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => await stage?.[Symbol.asyncDispose]());

describe.skipIf(missing !== null)('Java’s agent', () => {
  test('tells the five numbers by two variables, of an application that knows nothing of metrics', async () => {
    const { id, apiKey } = await stage.api.newProject({ name: 'in Java' });
    await using application = await startApplication(SHOP, '', {
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${stage.running.service.url}/v1/metrics`,
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: `X-API-Key=${apiKey}`,
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=shop,service.version=4.2',
      // For the test's sake: no minute between exports, nothing to where nobody listens, and Java compiles the application.
      OTEL_METRIC_EXPORT_INTERVAL: '1000',
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_JAVAAGENT_ENABLED: 'true',
    });
    for (let round = 0; round < 10; round += 1) {
      for (const route of ['/', '/', '/', '/', '/fault'] as const) await application.ask(route);
    }
    const { minute, reading } = await until('all that it did to be kept', 10, async () => {
      const rows = await stage.database.query<{ service_name: string; service_version: string; points: Buffer }>(
        'select service_name, service_version, points from seqpulse.otlp_points where project_id = $1',
        [id],
      );
      if (rows.length === 0) return null;
      expect(new Set(rows.map((row) => `${row.service_name} ${row.service_version}`))).toEqual(new Set(['shop 4.2']));
      const senders = rows.flatMap(({ points }) => decodePoints(points));
      // A minute that begins with the application: nothing of it is at an edge.
      const startedMs = senders.flatMap((sender) =>
        sender.points.flatMap(({ startMs }) => (startMs > 0 ? [startMs] : [])),
      );
      const endMs = Math.max(Date.now(), Math.min(...startedMs) + 60_000);
      const [last] = foldMinutes(tellOf(senders), { endMs, minutes: 1 });
      const sample = last === undefined ? null : sampleOf(last);
      if (last === undefined || sample?.ok !== true) return null;
      const isWhole = last.failures >= 10 && Object.values(sample.reading.numbers).every((value) => value !== null);
      return isWhole ? { minute: last, reading: sample.reading } : null;
    });
    // With those that were asked until it answered.
    expect(minute.requests).toBeGreaterThanOrEqual(51);
    expect(minute.requests).toBeLessThan(70);
    expect(minute.failures).toBeCloseTo(10, 6);
    const { numbers, facts, missing: absent } = reading;
    expect(absent).toEqual({});
    expect(numbers.requests_per_sec).toBeCloseTo(minute.requests / 60, 6);
    expect(numbers.error_rate).toBeCloseTo(10 / minute.requests, 6);
    expect(numbers.latency_p95).toBeGreaterThan(0);
    expect(facts?.latencyMean).toBeGreaterThan(0);
    expect(facts?.latencyBucket?.high).toBeGreaterThan(0);
    for (const share of [numbers.cpu_usage, numbers.memory_usage]) {
      expect(share).toBeGreaterThanOrEqual(0);
      expect(share).toBeLessThanOrEqual(1);
    }
    expect(numbers.memory_usage).toBeGreaterThan(0);
    expect(facts?.cpuCores).toBeGreaterThan(0);
  });
});
