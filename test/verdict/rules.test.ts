import { describe, expect, test } from 'vitest';
import { admit } from '../../src/verdict/admit.ts';
import { errorRise } from '../../src/verdict/rules/error-rise.ts';
import { lateShift } from '../../src/verdict/rules/late-shift.ts';
import { leak } from '../../src/verdict/rules/leak.ts';
import { levelShift } from '../../src/verdict/rules/level-shift.ts';
import { repeatedExcess } from '../../src/verdict/rules/repeated-excess.ts';
import { trackOf } from '../../src/verdict/track.ts';
import { DEFAULT_TUNING } from '../../src/verdict/tuning.ts';
import { MINUTE_MS, windowOf } from './samples.ts';

const LEAST = 1;

/** A window of each, every sample independent. */
function plain(before: readonly number[], after: readonly number[]) {
  const counts = { independentBefore: before.length, independentAfter: after.length };
  return { before, after, ...counts, noise: { sampleSd: 0.01, driftSd: 0.01 }, priors: DEFAULT_TUNING };
}

/** Windows around 0 with a noise so small that only what matters limits, unless the prior says otherwise. */
function track(before: readonly number[], after: readonly number[], noise = { sampleSd: 0.01, driftSd: 0.01 }) {
  return trackOf({ ...plain(before, after), noise, leastChange: LEAST });
}

const zeros = (count: number) => Array.from({ length: count }, () => 0);
const same = (count: number, value: number) => Array.from({ length: count }, () => value);

describe('level shift', () => {
  test('fails at the least change that matters and not below', () => {
    expect(levelShift(track(zeros(5), same(5, 1.001)), DEFAULT_TUNING).strength).toBeGreaterThanOrEqual(1);
    expect(levelShift(track(zeros(5), same(5, 0.999)), DEFAULT_TUNING).strength).toBeLessThan(1);
  });

  test('says what it was held against', () => {
    expect(levelShift(track(zeros(5), same(5, 0.5)), DEFAULT_TUNING)).toMatchObject({
      change: 0.5,
      limit: LEAST,
      strength: 0.5,
    });
  });

  test('where noise is larger than what matters, fails at 2.5 standard errors and not below', () => {
    const noise = { sampleSd: 0, driftSd: 1 };
    expect(levelShift(track(zeros(1), same(5, 2.51), noise), DEFAULT_TUNING).strength).toBeGreaterThanOrEqual(1);
    expect(levelShift(track(zeros(1), same(5, 2.49), noise), DEFAULT_TUNING).strength).toBeLessThan(1);
  });

  test('a level that stood still before is believed to drift less, one that did not no more than usual', () => {
    const driftAfter = (before: number[]) => track(before, same(5, 2), { sampleSd: 0, driftSd: 1 }).driftSd;
    expect(driftAfter(zeros(1))).toBe(1);
    expect(driftAfter(zeros(11))).toBeCloseTo(Math.sqrt(1 / 2), 12);
    expect(driftAfter(zeros(15))).toBeLessThan(driftAfter(zeros(5)));
    expect(driftAfter([-9, 9, -8, 8, -7, 7, -9, 9, -8, 8, 0])).toBe(1);
  });

  test('what asks for more evidence asks for less of it where many samples before stood still', () => {
    const strictness = (count: number) =>
      trackOf({ ...plain(zeros(count), same(5, 2)), leastChange: LEAST, strictness: 4 });
    expect(strictness(1)).toMatchObject({ strictness: 4, leastChange: 4 * LEAST });
    expect(strictness(11)).toMatchObject({ strictness: 2, leastChange: 2 * LEAST });
  });

  test('needs the lower third of the samples beyond what matters too', () => {
    // The 35th percentile of five lies between the second and the third.
    expect(levelShift(track(zeros(5), [0, 1.01, 1.01, 3, 3]), DEFAULT_TUNING).strength).toBeGreaterThanOrEqual(1);
    expect(levelShift(track(zeros(5), [0, 0, 3, 3, 3]), DEFAULT_TUNING).strength).toBeGreaterThanOrEqual(1);
    expect(levelShift(track(zeros(5), [0, 0, 1.5, 3, 3]), DEFAULT_TUNING).strength).toBeLessThan(1);
  });

  test('more samples before make the same shift stronger', () => {
    const noise = { sampleSd: 1, driftSd: 0 };
    const strength = (count: number) => levelShift(track(zeros(count), same(5, 2), noise), DEFAULT_TUNING).strength;
    expect(strength(15)).toBeGreaterThan(strength(3));
  });
});

describe('late shift', () => {
  test('fails when the last half moved by what matters, and not below', () => {
    expect(lateShift(track(zeros(5), [0, 0, 1.01, 1.01, 1.01]), DEFAULT_TUNING).strength).toBeGreaterThanOrEqual(1);
    expect(lateShift(track(zeros(5), [0, 0, 0.99, 0.99, 0.99]), DEFAULT_TUNING).strength).toBeLessThan(1);
  });

  test('the same samples the other way round are a cold start', () => {
    expect(lateShift(track(zeros(5), [3, 3, 0, 0, 0]), DEFAULT_TUNING).strength).toBeLessThan(1);
  });

  test('does not fail where the upper half of the window before stood as high', () => {
    const windowBefore = (threes: number) => [...zeros(15 - threes), ...same(threes, 3)];
    const after = [...zeros(7), ...same(8, 3)];
    expect(lateShift(track(windowBefore(6), after), DEFAULT_TUNING).strength).toBeLessThan(1);
    expect(lateShift(track(windowBefore(1), after), DEFAULT_TUNING).strength).toBeGreaterThanOrEqual(1);
  });
});

describe('repeated excess', () => {
  test('fails with half of the samples beyond the limit, and not with fewer', () => {
    expect(repeatedExcess(track(zeros(15), [0, 9, 0, 9, 0, 9]), DEFAULT_TUNING).strength).toBeGreaterThanOrEqual(1);
    expect(repeatedExcess(track(zeros(15), [0, 9, 0, 9, 0, 0]), DEFAULT_TUNING).strength).toBeLessThan(1);
  });

  test('one sample of two is never enough', () => {
    expect(repeatedExcess(track(zeros(15), [0, 9]), DEFAULT_TUNING).strength).toBeLessThan(1);
  });
});

describe('leak', () => {
  const climb = (count: number, rise: number) => Array.from({ length: count }, (_, i) => (rise * i) / (count - 1));

  test('fails when the climb over the window reaches what matters, and not below', () => {
    expect(leak(track(zeros(5), climb(15, 1.01)), DEFAULT_TUNING).strength).toBeGreaterThanOrEqual(1);
    expect(leak(track(zeros(5), climb(15, 0.99)), DEFAULT_TUNING).strength).toBeLessThan(1);
  });

  test('a step is no climb', () => {
    expect(leak(track(zeros(5), same(15, 3)), DEFAULT_TUNING).strength).toBeLessThan(1);
  });

  test('a zigzag is no climb, however high it ends', () => {
    const zigzag = Array.from({ length: 15 }, (_, i) => i / 2 + (i % 2));
    expect(leak(track(zeros(5), zigzag), DEFAULT_TUNING).strength).toBeLessThan(1);
  });

  test('a climb that ends where the level was is a restart', () => {
    const refill = climb(15, 3).map((value) => value - 3);
    expect(leak(track(zeros(5), refill), DEFAULT_TUNING).strength).toBeLessThan(1);
  });

  test('three samples are too few for a climb', () => {
    expect(leak(track(zeros(5), climb(3, 9)), DEFAULT_TUNING).strength).toBe(0);
    expect(leak(track(zeros(5), climb(4, 9)), DEFAULT_TUNING).strength).toBeGreaterThanOrEqual(1);
  });
});

describe('error rise', () => {
  const rise = (rps: number, before: readonly number[], after: readonly number[]) => {
    const sample = (ratios: readonly number[]) => (i: number) => ({
      requests_per_sec: rps,
      error_rate: ratios[i] ?? 0,
    });
    const post = windowOf(after.length, before.length * MINUTE_MS, sample(after));
    const windows = admit(windowOf(before.length, 0, sample(before)), post, { baselineSamples: 15 });
    return errorRise(windows.before, windows.after, 0.004, DEFAULT_TUNING)?.strength;
  };

  test('fails at .4 points over the level before and not below, where requests are many', () => {
    expect(rise(1000, same(5, 0.01), same(5, 0.01401))).toBeGreaterThanOrEqual(1);
    expect(rise(1000, same(5, 0.01), same(5, 0.01399))).toBeLessThan(1);
  });

  test('the same ratio is evidence with many requests and none with few', () => {
    expect(rise(10, same(5, 0), same(5, 0.01))).toBeGreaterThanOrEqual(1);
    expect(rise(0.05, same(5, 0), [0.2, 0, 0, 0, 0])).toBeLessThan(1);
  });

  test('does not rest on one sample, however bad', () => {
    expect(rise(10, same(5, 0), [1, 0, 0, 0, 0])).toBeLessThan(1);
    expect(rise(10, same(5, 0), [1, 0, 0])).toBeLessThan(1);
    expect(rise(10, same(5, 0), [0.5, 0.5, 0, 0, 0])).toBeGreaterThanOrEqual(1);
  });

  test('needs three of ten samples above the ratio before', () => {
    expect(rise(10, same(5, 0), [0.5, 0.5, 0.5, ...zeros(7)])).toBeGreaterThanOrEqual(1);
    expect(rise(10, same(5, 0), [0.5, 0.5, ...zeros(8)])).toBeLessThan(1);
  });

  test('a service that fails one request in five may wander by points, one that hardly fails may not', () => {
    expect(rise(1000, same(5, 0.2), same(5, 0.24))).toBeLessThan(1);
    expect(rise(1000, same(5, 0.2), same(5, 0.26))).toBeGreaterThanOrEqual(1);
    expect(rise(1000, same(5, 0.001), same(5, 0.041))).toBeGreaterThanOrEqual(1);
  });

  test('needs less evidence the more is known of the service before', () => {
    const strength = (countBefore: number) => rise(0.5, same(countBefore, 0), [0.05, 0.05, 0, 0.05, 0]) ?? 0;
    expect(strength(15)).toBeGreaterThan(strength(1));
  });

  test('is null without requests', () => {
    expect(rise(0, same(5, 0), same(5, 0))).toBeUndefined();
  });
});
