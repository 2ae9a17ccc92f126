import { expect, test } from 'vitest';
import { aaCheck } from '../../src/verdict/aa-check.ts';
import { MINUTE_MS, windowOf } from './samples.ts';

const NOTHING_IN_CONTRACT = {
  error_rate: 2,
  latency_p95: -1,
  requests_per_sec: -1,
  cpu_usage: 2,
  memory_usage: 2,
};
const WINDOWS = { countBefore: 15, countAfter: 5, excluded: [] };

test('a quiet day never cries wolf, and says how sure that is', () => {
  const check = aaCheck({ samples: windowOf(120, 0), ...WINDOWS });
  expect(check).toMatchObject({ pairs: 21, skipped: 0, alarms: 0, rollbacks: 0, examples: [] });
  expect(check.alarmShare?.value).toBe(0);
  expect(check.alarmShare?.high).toBeCloseTo(0.155, 2);
});

test('a level that jumps by itself is counted once, with its time and its metric', () => {
  const samples = windowOf(120, 0, (i) => (i >= 60 ? { latency_p95: 400 } : {}));
  const check = aaCheck({ samples, ...WINDOWS });
  expect(check.alarms).toBeGreaterThanOrEqual(1);
  expect(check.byMetric).toMatchObject({ latency_p95: check.alarms, memory_usage: 0 });
  expect(check.examples.at(-1)?.atMs).toBe(60 * MINUTE_MS);
});

test('the project limits that are to be tried are used', () => {
  const samples = windowOf(120, 0, (i) => (i >= 60 ? { latency_p95: 400 } : {}));
  expect(aaCheck({ samples, ...WINDOWS, limits: { latencyGrowth: 2 } }).alarms).toBe(0);
});

test('pairs that touch an excluded time or a gap are skipped', () => {
  const samples = windowOf(120, 0);
  const touched = aaCheck({ samples, ...WINDOWS, excluded: [{ fromMs: 60 * MINUTE_MS, toMs: 62 * MINUTE_MS }] });
  expect(touched.pairs).toBeLessThan(21);
  expect(touched.pairs + touched.skipped).toBe(21);
  expect(touched.skippedFor).toEqual({ gap: 0, not_quiet: touched.skipped, insufficient_data: 0 });
  const holed = samples.filter((_, i) => i < 50 || i >= 60);
  const withGap = aaCheck({ samples: holed, ...WINDOWS });
  expect(withGap.skippedFor.gap).toBeGreaterThan(0);
  expect(withGap.skippedFor.gap).toBe(withGap.skipped);
  const invalid = samples.map((sample) => ({ ...sample, ...NOTHING_IN_CONTRACT }));
  expect(aaCheck({ samples: invalid, ...WINDOWS })).toMatchObject({
    pairs: 0,
    skippedFor: { gap: 0, not_quiet: 0, insufficient_data: 21 },
  });
});

test('too few samples for one pair give no share at all', () => {
  expect(aaCheck({ samples: windowOf(19, 0), ...WINDOWS })).toMatchObject({ pairs: 0, alarmShare: null });
  expect(aaCheck({ samples: windowOf(20, 0), ...WINDOWS }).pairs).toBe(1);
});
