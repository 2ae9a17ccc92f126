import { describe, expect, test } from 'vitest';
import { replay } from '../../bench/sources/replay.ts';
import { replayOtlp } from '../../bench/sources/replay-otlp.ts';
import { replayOwn } from '../../bench/sources/replay-own.ts';
import { fineEdges, OTEL_EDGES } from '../../bench/sources/series.ts';
import type { Case } from '../../bench/verdict/cases.ts';
import { findMonitoringPrograms } from '../../harness/monitoring-programs.ts';
import type { JudgeInput } from '../../src/verdict/types.ts';

const programs = findMonitoringPrograms('the replay of bench:sources is', ['prometheus', 'promtool']);

const CASE: Case = {
  id: 'one',
  before: {
    requests_per_sec: [12, 10.5, 0],
    latency_p95: [80, 120, 0],
    error_rate: [0, 0.01, 0],
    cpu_usage: [0.3, 0.31, 0.1],
    memory_usage: [0.5, 0.5, 0.5],
  },
  after: {
    requests_per_sec: [11, 12],
    latency_p95: [190, 400],
    error_rate: [0.2, 0],
    cpu_usage: [0.6, 0.61],
    memory_usage: [0.7, 0.7],
  },
  label: null,
};

/** Minute by minute as it was, before and after. */
function expectAsItWas(one: Case, input: JudgeInput | undefined): void {
  for (const [side, samples] of [
    [one.before, input?.pre ?? []],
    [one.after, input?.post ?? []],
  ] as const) {
    expect(samples).toHaveLength(side.requests_per_sec.length);
    for (const [index, sample] of samples.entries()) {
      const rate = side.requests_per_sec[index] ?? 0;
      expect(sample.requests_per_sec).toBeCloseTo(rate, 6);
      expect(sample.cpu_usage).toBeCloseTo(side.cpu_usage[index] ?? 0, 6);
      expect(sample.memory_usage).toBeCloseTo(side.memory_usage[index] ?? 0, 6);
      if (rate === 0) {
        expect(sample).toMatchObject({ latency_p95: null, missing: { latency_p95: 'no_requests' } });
        continue;
      }
      expect(sample.error_rate).toBeCloseTo(side.error_rate[index] ?? 0, 6);
      expect(Math.abs((sample.latency_p95 ?? 0) / (side.latency_p95[index] ?? 1) - 1)).toBeLessThan(0.01);
    }
  }
}

describe('a case replayed by OTLP', () => {
  test('comes back as it was', () => {
    expectAsItWas(CASE, replayOtlp([CASE], fineEdges)[0]);
  });

  test('of few requests, whose latency jumps, has no counter that falls: that would be a restart', () => {
    const few: Case = {
      ...CASE,
      after: {
        requests_per_sec: [1.267, 1.067, 0.8, 1.333, 1.2],
        latency_p95: [4.8, 325, 4.8, 4.95, 6.5],
        error_rate: [0, 0, 0, 0, 0],
        cpu_usage: [0.1, 0.1, 0.1, 0.1, 0.1],
        memory_usage: [0.5, 0.5, 0.5, 0.5, 0.5],
      },
    };
    expectAsItWas(few, replayOtlp([few], fineEdges)[0]);
  });
});

test('columns of a case come back from instruments of one’s own, and the five do without them', () => {
  const [input] = replayOwn([CASE], fineEdges, ['latency_p95', 'error_rate']);
  expect(input?.custom?.map(({ name }) => name)).toEqual(['checkout_ms', 'failed_share']);
  expect(input?.post).toMatchObject([
    { latency_p95: null, error_rate: null, requests_per_sec: expect.closeTo(11, 6) },
    { latency_p95: null, error_rate: null, requests_per_sec: expect.closeTo(12, 6) },
  ]);
  const values = [...(input?.pre ?? []), ...(input?.post ?? [])].map(({ custom }) => custom);
  expect(values.map((custom) => custom?.checkout_ms?.value)).toEqual(
    [80, 120, null, 190, 400].map((ms) => ms && (expect.closeTo(ms, -0.5) as unknown)),
  );
  expect(values.map((custom) => custom?.failed_share)).toMatchObject([
    { value: expect.closeTo(0, 9), events: expect.closeTo(720, 6) },
    { value: expect.closeTo(0.01, 9), events: expect.closeTo(630, 6) },
    { value: null, reason: 'no_requests' },
    { value: expect.closeTo(0.2, 9), events: expect.closeTo(660, 6) },
    { value: expect.closeTo(0, 9), events: expect.closeTo(720, 6) },
  ]);
});

describe.skipIf(programs.missing)('a case replayed through a real Prometheus', () => {
  test('comes back as it was', async () => {
    expectAsItWas(CASE, (await replay([CASE], fineEdges))[0]);
  });

  test('with OpenTelemetry’s buckets loses its p95 to the bucket, and keeps its mean', async () => {
    const [fine] = await replay([CASE], fineEdges);
    const [coarse] = await replay([CASE], () => OTEL_EDGES);
    const [sharp, blurred] = [fine?.post[0], coarse?.post[0]];
    expect(blurred?.latencyBucket).toEqual({ low: 100, high: 250 });
    expect(Math.abs((blurred?.latency_p95 ?? 0) - 190)).toBeGreaterThan(10);
    expect(blurred?.latencyMean).toBeCloseTo(sharp?.latencyMean ?? 0, 6);
  });
});
