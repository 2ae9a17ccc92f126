import { expect, test } from 'vitest';
import { seeded } from '../../bench/verdict/random.ts';
import { judge } from '../../src/verdict/judge.ts';
import { serviceNoise } from '../../src/verdict/service-noise.ts';
import type { Sample } from '../../src/verdict/types.ts';
import { inputOf, MINUTE_MS, windowOf } from './samples.ts';

const WINDOWS = { countBefore: 15, countAfter: 5 };

/** A day in which p95 stands at one of two levels for a quarter of an hour each, by chance. */
function twoLevels(count: number, high: number): Sample[] {
  const random = seeded(3);
  let isHigh = false;
  return windowOf(count, 0, (i) => {
    if (i % 15 === 0) isHigh = random() < 0.5;
    return { latency_p95: (isHigh ? high : 180) * (1 + 0.02 * random()) };
  });
}

const jump = (to: number) =>
  inputOf(
    windowOf(15, 0),
    windowOf(5, 15 * MINUTE_MS, () => ({ latency_p95: to })),
  );

test('a quiet history scales nothing, and is counted', () => {
  expect(serviceNoise(windowOf(600, 0), WINDOWS)).toEqual({ pairs: expect.any(Number), scale: {} });
  expect(serviceNoise(windowOf(600, 0), WINDOWS)?.pairs).toBeGreaterThanOrEqual(50);
  expect(serviceNoise(windowOf(19, 0), WINDOWS)).toBeNull();
});

test('a service whose p95 flips between two levels all day is not alarmed about by its upper level', () => {
  const noise = serviceNoise(twoLevels(1440, 340), WINDOWS);
  expect(noise?.scale.latency_p95).toBeGreaterThan(1);
  expect(judge(jump(340)).verdict).toBe('attention');
  const judgement = judge({ ...jump(340), noise });
  expect(judgement.verdict).toBe('ok');
  expect(judgement.details.find((finding) => finding.metric === 'latency_p95')?.reason).toMatch(
    /^p95 latency: 180 ms before, 340 ms after, as it does by itself when nothing is deployed\.$/,
  );
});

test('what is far beyond its own noise is still found, and the other metrics are judged as ever', () => {
  const noise = serviceNoise(twoLevels(1440, 340), WINDOWS);
  expect(judge({ ...jump(1500), noise }).verdict).toBe('rollback_recommended');
  const failing = inputOf(
    windowOf(15, 0),
    windowOf(5, 15 * MINUTE_MS, () => ({ error_rate: 0.05 })),
  );
  expect(judge({ ...failing, noise }).verdict).toBe('rollback_recommended');
});

test('a short history counts in proportion', () => {
  const short = serviceNoise(twoLevels(90, 340), WINDOWS)?.scale.latency_p95 ?? 1;
  const long = serviceNoise(twoLevels(1440, 340), WINDOWS)?.scale.latency_p95 ?? 1;
  expect(short).toBeLessThan(long);
});

test('windows with a hole between them are no pair', () => {
  const holed = windowOf(200, 0).filter((_, i) => i % 20 < 12);
  expect(serviceNoise(holed, WINDOWS)).toBeNull();
});

test('requests that stop are found however loud the traffic is', () => {
  const noise = { pairs: 60, scale: { requests_per_sec: 9 } };
  const after = windowOf(5, 15 * MINUTE_MS, () => ({ requests_per_sec: 0 }));
  expect(judge({ ...inputOf(windowOf(15, 0), after), noise }).verdict).toBe('rollback_recommended');
});
