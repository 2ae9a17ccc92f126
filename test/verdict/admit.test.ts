import { expect, test } from 'vitest';
import { admit } from '../../src/verdict/admit.ts';
import { MINUTE_MS, windowOf } from './samples.ts';

const after = windowOf(5, 20 * MINUTE_MS);

test('samples are put in the order of time', () => {
  const before = windowOf(5, 0);
  const { before: used, leftOut } = admit([...before].reverse(), after, { baselineSamples: 15 });
  expect(used.samples).toEqual(before);
  expect(leftOut).toEqual([]);
});

test('of two readings of one moment the first given is used', () => {
  const [first, ...rest] = windowOf(3, 0);
  if (first === undefined) throw new Error('no sample');
  const { before, leftOut } = admit([first, { ...first, latency_p95: 9999 }, ...rest], after, { baselineSamples: 15 });
  expect(before.samples.map((sample) => sample.latency_p95)).toEqual([180, 180, 180]);
  expect(leftOut).toMatchObject([{ phase: 'pre', reason: 'duplicate_time', count: 1 }]);
});

test('a baseline sample read 29 s late is used, one read 30 s late is left out', () => {
  const late = (lateSeconds: number) =>
    windowOf(3, 0).map((sample, i) => ({ ...sample, lateSeconds: i === 2 ? lateSeconds : 0 }));
  expect(admit(late(29), after, { baselineSamples: 15 }).before.samples).toHaveLength(3);
  const { before, leftOut } = admit(late(30), after, { baselineSamples: 15 });
  expect(before.samples).toHaveLength(2);
  expect(leftOut).toMatchObject([{ phase: 'pre', reason: 'read_late', count: 1 }]);
});

test('a baseline of late samples alone is used and counted as late', () => {
  const { before, lateBefore, leftOut } = admit(
    windowOf(2, 0).map((s) => ({ ...s, lateSeconds: 120 })),
    after,
    { baselineSamples: 15 },
  );
  expect(before.samples).toHaveLength(2);
  expect({ lateBefore, leftOut }).toEqual({ lateBefore: 2, leftOut: [] });
});

test('a late sample after the deployment is used and counted as late', () => {
  const { after: used, lateAfter } = admit(
    windowOf(2, 0),
    after.map((s) => ({ ...s, lateSeconds: 45 })),
    { baselineSamples: 15 },
  );
  expect(used.samples).toHaveLength(5);
  expect(lateAfter).toBe(5);
});

test('a baseline sample timed at or after the first observation is left out while others remain', () => {
  const skewed = windowOf(1, 20 * MINUTE_MS);
  const { before, leftOut } = admit([...windowOf(2, 0), ...skewed], after, { baselineSamples: 15 });
  expect(before.samples).toHaveLength(2);
  expect(leftOut).toMatchObject([{ phase: 'pre', reason: 'clock_skew', count: 1 }]);
  expect(admit(skewed, after, { baselineSamples: 15 }).before.samples).toHaveLength(1);
});

test('of a long baseline the newest samples are used', () => {
  const { before, leftOut } = admit(windowOf(18, 0), after, { baselineSamples: 15 });
  expect(before.samples[0]?.collectedAtMs).toBe(3 * MINUTE_MS);
  expect(leftOut).toMatchObject([{ phase: 'pre', reason: 'older_than_baseline', count: 3 }]);
});

test('readings five seconds apart count as little more than one', () => {
  const close = windowOf(5, 0).map((sample, i) => ({ ...sample, collectedAtMs: i * 5000 }));
  const { before, after: minutes } = admit(close, after, { baselineSamples: 15 });
  expect(before.independent).toBeCloseTo(1 + 4 * (5 / 60), 10);
  expect(minutes.independent).toBe(5);
});
