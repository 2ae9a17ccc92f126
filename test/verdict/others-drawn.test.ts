import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hintsOf } from '../../src/verdict/hints.ts';
import { judge } from '../../src/verdict/judge.ts';
import { besideOthers, type Others } from '../../src/verdict/others/beside-others.ts';
import { EXPLAIN_TUNING, explainedBy } from '../../src/verdict/others/explain.ts';
import type { Movement } from '../../src/verdict/others/movement.ts';
import type { Sample } from '../../src/verdict/types.ts';
import { deployment, MINUTE_MS } from './samples.ts';

const FIRST_MS = 15 * MINUTE_MS;

function judged(after: Partial<Sample>) {
  const input = deployment(15, 5, () => after);
  const judgement = judge(input);
  return { ...judgement, hints: hintsOf(judgement, input, { finishedAtMs: null, failedReads: null, traceId: null }) };
}

function others(movements: readonly Movement[]): Others {
  const worse = movements.map((movement, i) => ({ project: { id: `id-${i}`, name: `name-${i}` }, movement }));
  return { lookedAt: worse.length + 4, worse };
}

const positive = fc.double({ min: 1e-4, max: 1, noNaN: true });
const movement: fc.Arbitrary<Movement> = fc.record({
  errors: fc.option(fc.record({ rise: positive, perSecond: fc.double({ min: 1e-3, max: 1e3, noNaN: true }) })),
  latency: fc.option(
    fc.record({
      growth: fc.double({ min: 0.05, max: 8, noNaN: true }),
      riseMs: fc.double({ min: 1, max: 1e4, noNaN: true }),
    }),
  ),
  traffic: fc.option(fc.double({ min: 0.05, max: 8, noNaN: true })),
  usage: fc.constant(false),
  sinceMs: fc.constant(FIRST_MS),
});

test('of two services without a cause of their own never each explains the other', () => {
  fc.assert(
    fc.property(movement, movement, (a, b) => {
      const back = new Set(explainedBy(b, a, EXPLAIN_TUNING));
      expect(explainedBy(a, b, EXPLAIN_TUNING).filter((metric) => back.has(metric))).toEqual([]);
    }),
  );
});

test('whatever others do, an alarm stays an alarm, and nothing gets graver', () => {
  const alarms = [
    judged({ error_rate: 0.1 }),
    judged({ latency_p95: 900 }),
    judged({ requests_per_sec: 4 }),
    judged({ error_rate: 0.1, latency_p95: 300 }),
  ];
  fc.assert(
    fc.property(fc.constantFrom(...alarms), fc.array(movement, { maxLength: 6 }), (own, moved) => {
      const { judgement, beside } = besideOthers(own, others(moved));
      expect(['attention', own.verdict]).toContain(judgement.verdict);
      expect(judgement.verdict === own.verdict).toBe(!beside.lowered);
      expect(judgement.confidence).toBe(own.confidence);
    }),
  );
});
