import { expect, test } from 'vitest';
import { judgeEarly } from '../../src/verdict/early.ts';
import type { JudgeInput, Sample } from '../../src/verdict/types.ts';
import { deployment } from './samples.ts';
import { told } from './story.ts';

const FAILING = { error_rate: 0.2 };
const STOPPED = { requests_per_sec: 0, error_rate: 0, latency_p95: 0 };

/** What is there after `samples` of a window of five. */
const lookAt = (samples: number, values: Partial<Sample>, more: Partial<JudgeInput> = {}): JudgeInput => ({
  ...deployment(15, samples, () => values),
  expectedPost: 5,
  ...more,
});

test('errors and a loss of the traffic are called back at the second sample, and say that it is early', () => {
  expect(judgeEarly(lookAt(2, FAILING))).toMatchObject({
    verdict: 'rollback_recommended',
    summary: expect.stringMatching(/^Early, on 2 of 5 samples: Error rate rose from 0\.2 % to 20\.0 %/),
    details: [{ metric: 'error_rate', severity: 'critical' }],
  });
  expect(judgeEarly(lookAt(2, STOPPED))?.summary).toMatch(/^Early, on 2 of 5 samples: .*requests stopped/i);
});

test('never at the first sample: one bad minute is an incident, and a restart loses requests', () => {
  for (const values of [FAILING, STOPPED]) expect(judgeEarly(lookAt(1, values))).toBeNull();
});

test('latency, CPU and memory wait for the end of the window', () => {
  expect(judgeEarly(lookAt(4, { latency_p95: 5000, cpu_usage: 0.99, memory_usage: 0.95 }))).toBeNull();
});

test('what a look finds has to be louder than at the end, and the less the later', () => {
  const strengthOf = (count: number, error_rate: number) => judgeEarly(lookAt(count, { error_rate }))?.details[0];
  const least = [2, 3, 4].map((count) => {
    const ratios = Array.from({ length: 400 }, (_, i) => 0.01 + i * 0.0001);
    return ratios.find((ratio) => strengthOf(count, ratio) !== undefined) ?? 1;
  });
  expect(strengthOf(2, least[0] ?? 0)?.evidence.strength).toBeGreaterThanOrEqual(1.2);
  expect(least[0]).toBeGreaterThanOrEqual(least[1] ?? 1);
  expect(least[1]).toBeGreaterThanOrEqual(least[2] ?? 1);
});

test('little traffic that stops waits for the end', () => {
  const quiet = deployment(15, 3, () => STOPPED);
  const pre = quiet.pre.map((sample) => ({ ...sample, requests_per_sec: 0.8 }));
  expect(judgeEarly({ ...quiet, pre, expectedPost: 5 })).toBeNull();
});

test('nothing is early once the window is over, or collecting has ended', () => {
  expect(judgeEarly(lookAt(5, FAILING))).toBeNull();
  expect(judgeEarly(lookAt(3, FAILING, { collectionEnded: 'a newer deployment started' }))).toBeNull();
});

test('what CI said of instances and shares is expected early too', () => {
  expect(judgeEarly(lookAt(3, { requests_per_sec: 2 }, { facts: { trafficShare: 0.1 } }))).toBeNull();
  expect(judgeEarly(lookAt(3, STOPPED, { facts: { trafficShare: 0 } }))).toBeNull();
});

test('a deployment that stays as it was is never called back at any look, in a dozen noises', () => {
  for (const after of [1, 2, 3, 4]) {
    for (const before of [1, 3, 15]) {
      expect(told({ before, after, minute: () => ({}) }, (input) => judgeEarly({ ...input, expectedPost: 5 }))).toEqual(
        Array.from({ length: 12 }, () => null),
      );
    }
  }
});
