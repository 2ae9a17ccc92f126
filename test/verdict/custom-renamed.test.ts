import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compare, RENAMED, RENAMINGS, renamed } from '../../bench/verdict/custom-columns.ts';
import { judge } from '../../src/verdict/judge.ts';
import type { JudgeInput, Sample } from '../../src/verdict/types.ts';
import { deployment, QUIET } from './samples.ts';

/** Cases of all kinds: quiet, noisy, of few requests, with faults of any size in any of the columns that are renamed. */
const anyCase: fc.Arbitrary<JudgeInput> = fc
  .record({
    rps: fc.constantFrom(0.05, 0.5, 3, 20, 200),
    noise: fc.constantFrom(0, 0.05, 0.2),
    latency: fc.constantFrom(1, 1.2, 1.6, 4),
    errors: fc.constantFrom(0, 0.003, 0.02, 0.2),
    traffic: fc.constantFrom(1, 0.8, 0.5, 0),
    before: fc.integer({ min: 1, max: 15 }),
    after: fc.integer({ min: 3, max: 8 }),
    jitter: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 23, maxLength: 23 }),
  })
  .map(({ rps, noise, latency, errors, traffic, before, after, jitter }) => {
    const read = (isAfter: boolean, i: number): Partial<Sample> => {
      const wobble = 1 + noise * (jitter[i] ?? 0);
      return {
        requests_per_sec: rps * wobble * (isAfter ? traffic : 1),
        latency_p95: QUIET.latency_p95 * wobble * (isAfter ? latency : 1),
        error_rate: Math.min(1, QUIET.error_rate * wobble + (isAfter ? errors : 0)),
      };
    };
    const input = deployment(before, after);
    return {
      ...input,
      pre: input.pre.map((sample, i) => ({ ...sample, ...read(false, i) })),
      post: input.post.map((sample, i) => ({ ...sample, ...read(true, before + i) })),
    };
  });

test.each(RENAMINGS)('columns under names of one’s own: the same verdict (%s, %s)', (...columns) => {
  const cases = fc.sample(anyCase, { numRuns: 200, seed: 17 });
  const same = cases.filter((input) => compare(input, columns).isSame).length;
  expect(same / cases.length).toBeGreaterThanOrEqual(0.99);
  // And there is something to find.
  const found = cases.filter((input) =>
    judge(renamed(input, columns)).details.some(({ metric, severity }) => metric === 'custom' && severity !== 'none'),
  );
  expect(found.length).toBeGreaterThan(25);
});

test('every one of the renamed is defined', () => {
  for (const column of new Set(RENAMINGS.flat())) expect(RENAMED[column]).toBeDefined();
});
