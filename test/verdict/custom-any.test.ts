import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CustomMetric } from '../../src/verdict/custom/custom-metric.ts';
import { findingOf, judgedWith } from './custom-samples.ts';

test('any number under any definition gives a finding that can be stored and shown', () => {
  const definition = fc.record({
    name: fc.constantFrom('queue_depth', 'a-b.c', 'constructor'),
    unit: fc.constantFrom('', 'ms', '%'),
    kind: fc.constantFrom('level', 'share', 'rate'),
    worse: fc.constantFrom('up', 'down', 'both'),
    matters: fc.record({
      relative: fc.constantFrom(null, 0.01, 0.99),
      absolute: fc.constantFrom(null, 1e-6, 0.5, 1e12),
    }),
    isCounted: fc.boolean(),
  });
  const number = fc.oneof(fc.double(), fc.constantFrom(0, 1, 0.5, 1e-300, 1e300, Number.NaN, -1));
  const values = fc.array(fc.option(number), { minLength: 20, maxLength: 20 });
  fc.assert(
    fc.property(definition, values, (metric, read) => {
      const judgement = judgedWith(metric as CustomMetric, (i) => ({ value: read[i] ?? null }));
      const shown = JSON.stringify(judgement);
      expect(shown).not.toMatch(/NaN|Infinity|undefined/);
      expect(JSON.parse(shown)).toEqual(JSON.parse(JSON.stringify(judgement)));
      for (const text of [judgement.summary, ...judgement.details.map(({ reason }) => reason)]) {
        expect(text).not.toMatch(/NaN|Infinity|undefined|null/);
      }
      const { evidence } = findingOf(judgement);
      for (const value of [evidence.change, evidence.limit, evidence.threshold, evidence.strength]) {
        expect(value === null || Number.isFinite(value)).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});
