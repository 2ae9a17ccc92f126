import { expect, test } from 'vitest';
import { confidenceOf, DEFAULT_CONFIDENCE, type Grounds } from '../../src/verdict/confidence.ts';

const confidence = (strength: number, independentBefore = 15, seenShare = 1, more: Partial<Grounds> = {}) =>
  confidenceOf(
    { strength, independentBefore, unjudged: 0, hasAlternative: false, ...more },
    seenShare,
    DEFAULT_CONFIDENCE,
  );

test('a verdict far from the limit is surer than one at it, on both sides', () => {
  expect(confidence(2)).toBeGreaterThan(confidence(1));
  expect(confidence(0.3)).toBeGreaterThan(confidence(0.99));
});

test('an ok on one sample before is less sure than one on fifteen', () => {
  expect(confidence(0.8, 1)).toBeLessThan(confidence(0.8, 15));
});

test('nothing is less sure than a coin or surer than 99 %', () => {
  for (const strength of [-5, 0, 0.99, 1, 1e300]) {
    for (const before of [0.1, 1, 15]) {
      expect(confidence(strength, before)).toBeGreaterThanOrEqual(0.5);
      expect(confidence(strength, before)).toBeLessThanOrEqual(0.99);
    }
  }
});

test('with no sample of those asked for it is a coin', () => {
  expect(confidence(3, 15, 0)).toBe(0.5);
});

test('each metric that was not judged lowers it, on both sides', () => {
  for (const strength of [0.5, 1.2]) {
    const by = [0, 1, 2, 3, 4].map((unjudged) => confidence(strength, 15, 1, { unjudged }));
    for (const [i, value] of by.entries()) if (i > 0) expect(value).toBeLessThan(by[i - 1] ?? 0);
  }
});

test('a failure that something else explains is less sure', () => {
  expect(confidence(1.5, 15, 1, { hasAlternative: true })).toBeLessThan(confidence(1.5));
});
