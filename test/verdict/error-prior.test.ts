import { describe, expect, test } from 'vitest';
import { chanceOfAtLeast, type ErrorKind, expectedRatio, updated } from '../../src/verdict/error-prior.ts';
import { incompleteBeta } from '../../src/verdict/incomplete-beta.ts';
import { DEFAULT_TUNING } from '../../src/verdict/tuning.ts';

const kinds = DEFAULT_TUNING.errorKinds;

describe('regularised incomplete beta function', () => {
  test.each([
    // Closed forms: x, the arcsine law, a polynomial, and symmetry.
    [0.3, 1, 1, 0.3],
    [0.2, 0.5, 0.5, (2 / Math.PI) * Math.asin(Math.sqrt(0.2))],
    [0.5, 2, 3, 0.6875],
    [0.5, 4000, 4000, 0.5],
    [0, 2, 3, 0],
    [1, 2, 3, 1],
  ])('I_%f(%f, %f) = %f', (x, a, b, value) => {
    expect(incompleteBeta(x, a, b)).toBeCloseTo(value, 9);
  });
});

describe('the belief about errors', () => {
  test('the chance of at least k failures is the tail of the negative binomial distribution', () => {
    const one: ErrorKind[] = [{ weight: 1, shape: 2, requests: 10 }];
    // Shape 2, reach 5/15: P(0) = (2/3)², P(1) = 2 · (2/3)² · 1/3.
    const none = (2 / 3) ** 2;
    expect(chanceOfAtLeast(one, { failed: 1, requests: 5 })).toBeCloseTo(1 - none, 12);
    expect(chanceOfAtLeast(one, { failed: 2, requests: 5 })).toBeCloseTo(1 - none - (2 * none) / 3, 12);
    expect(chanceOfAtLeast(one, { failed: 0, requests: 5 })).toBe(1);
  });

  test('a service that failed one request in five is believed to be of the kind that does', () => {
    const believed = updated(kinds, { failed: 3, requests: 15 });
    expect(believed.at(-1)?.weight).toBeGreaterThan(0.8);
    expect(expectedRatio(believed)).toBeGreaterThan(0.1);
  });

  test('a service that never failed is believed to be of the kind that does not', () => {
    const believed = updated(kinds, { failed: 0, requests: 600 });
    expect(believed[0]?.weight).toBeGreaterThan(0.95);
    expect(expectedRatio(believed)).toBeLessThan(0.001);
  });

  test('weights add up to one, whatever was seen', () => {
    for (const seen of [
      { failed: 0, requests: 0 },
      { failed: 0.3, requests: 1.5 },
      { failed: 20_000, requests: 20_000 },
    ]) {
      expect(updated(kinds, seen).reduce((sum, kind) => sum + kind.weight, 0)).toBeCloseTo(1, 9);
    }
  });
});
