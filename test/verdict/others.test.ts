import { describe, expect, test } from 'vitest';
import { hintsOf } from '../../src/verdict/hints.ts';
import { judge } from '../../src/verdict/judge.ts';
import { besideOthers, firstToWorsen, mayBeExcused, type Others } from '../../src/verdict/others/beside-others.ts';
import { EXPLAIN_TUNING, explainedBy, isSharedFall } from '../../src/verdict/others/explain.ts';
import { type Movement, movementOf } from '../../src/verdict/others/movement.ts';
import type { JudgeInput, Sample } from '../../src/verdict/types.ts';
import { deployment, MINUTE_MS } from './samples.ts';

/** The first sample after a deployment of `judged`. */
const FIRST_MS = 15 * MINUTE_MS;
const STILL: Movement = { errors: null, latency: null, traffic: null, usage: false, sinceMs: FIRST_MS };
const NO_FACTS = { finishedAtMs: null, failedReads: null, traceId: null };

function told(input: JudgeInput) {
  const judgement = judge(input);
  return { ...judgement, hints: hintsOf(judgement, input, NO_FACTS) };
}

const judged = (after: Partial<Sample>, from = 0) => told(deployment(15, 5, (i) => (i < from ? {} : after)));
const FAILING = judged({ error_rate: 0.1 });
const SLOW = judged({ latency_p95: 900 });
const grew = (growth: number, riseMs = 50) => ({ latency: { growth, riseMs } });

/** The others of an environment: what moved, and as many more as stood still. */
function others(movements: readonly Partial<Movement>[], lookedAt = movements.length + 4): Others {
  const worse = movements.map((movement, i) => ({
    project: { id: `id-${i}`, name: `name-${i}` },
    movement: { ...STILL, ...movement },
  }));
  return { lookedAt, worse };
}

test('a judgement’s movement is what failed in it, and since when', () => {
  expect(movementOf(FAILING)).toMatchObject({ latency: null, traffic: null, usage: false, sinceMs: FIRST_MS });
  expect(movementOf(FAILING)?.errors?.rise).toBeCloseTo(0.098, 2);
  expect(movementOf(FAILING)?.errors?.perSecond).toBeCloseTo(1.96, 1);
  expect(movementOf(SLOW)?.latency?.growth).toBeCloseTo(Math.log(905 / 185), 5);
  expect(movementOf(SLOW)?.latency?.riseMs).toBeCloseTo(720, 5);
  expect(movementOf(judged({ requests_per_sec: 5 }))?.traffic).toBeCloseTo(Math.log(20.1 / 5.1), 5);
  expect(movementOf(judged({ cpu_usage: 0.9 }))?.usage).toBe(true);
  expect(movementOf(judged({ error_rate: 0.3 }, 2))?.sinceMs).toBe(FIRST_MS + 2 * MINUTE_MS);
  expect(movementOf(judged({}))).toBeNull();
});

test('a fall of less than a request a second is nobody’s sign', () => {
  const quiet = { requests_per_sec: 0.8 };
  const input = deployment(15, 5, () => ({ requests_per_sec: 0 }));
  const pre = input.pre.map((sample) => ({ ...sample, ...quiet }));
  expect(movementOf(told({ ...input, pre }))?.traffic ?? null).toBeNull();
});

/** Own: errors rise by 10 points at 20/s. */
const CASES: readonly (readonly [string, Partial<Movement>, boolean])[] = [
  ['as many failures in half of the requests', { errors: { rise: 0.2, perSecond: 2 } }, true],
  ['as many in as many requests', { errors: { rise: 0.1, perSecond: 2 } }, false],
  ['as many in more requests', { errors: { rise: 0.05, perSecond: 2 } }, false],
  ['twice as many, for it is asked twice', { errors: { rise: 0.1, perSecond: 4 } }, true],
  ['more in a tenth of the share', { errors: { rise: 0.01, perSecond: 4 } }, false],
  ['half as many in a third of the requests', { errors: { rise: 0.15, perSecond: 1 } }, false],
  ['errors at unknown traffic', { errors: { rise: 0.5, perSecond: null } }, false],
  ['latency alone', grew(3), false],
];

test.each(CASES)('failures here and elsewhere %s: may be the cause %#', (_what, other, isCause) => {
  const own: Movement = { ...STILL, errors: { rise: 0.1, perSecond: 2 } };
  const explained = explainedBy(own, { ...STILL, ...other }, EXPLAIN_TUNING);
  expect(explained).toEqual(isCause ? ['error_rate'] : []);
});

test.each([
  ['by a much larger factor and fewer milliseconds', grew(1.6, 90), true],
  ['by a much larger factor and more milliseconds, which its callers would wait too', grew(1.6, 110), false],
  ['by a somewhat larger factor', grew(1.3), false],
  ['by as much with its CPU', { ...grew(1, 300), usage: true }, true],
  ['by less with its CPU', { ...grew(0.9), usage: true }, false],
])('latency that grew elsewhere %s', (_how, other, isCause) => {
  const explained = explainedBy({ ...STILL, ...grew(1, 100) }, { ...STILL, ...other }, EXPLAIN_TUNING);
  expect(explained).toEqual(isCause ? ['latency_p95'] : []);
});

test.each([
  ['before', -3 * MINUTE_MS, true],
  ['within a minute', MINUTE_MS, true],
  ['later', MINUTE_MS + 1, false],
  ['nobody knows when', null, false],
])('what got worse elsewhere %s', (_when, afterMs, isCause) => {
  const sinceMs = afterMs === null ? null : FIRST_MS + afterMs;
  const cause = { ...STILL, ...grew(3), errors: { rise: 0.4, perSecond: 3 }, sinceMs };
  const own = { ...STILL, ...grew(1, 100), errors: { rise: 0.1, perSecond: 2 } };
  expect(explainedBy(own, cause, EXPLAIN_TUNING)).toEqual(isCause ? ['error_rate', 'latency_p95'] : []);
});

test('a fall of traffic is shared when another lost about as much, and never when the requests stop', () => {
  const fell = (traffic: number | null) => [{ ...STILL, traffic }];
  expect(isSharedFall(1, fell(0.85), EXPLAIN_TUNING)).toBe(true);
  expect(isSharedFall(1, fell(0.7), EXPLAIN_TUNING)).toBe(false);
  expect(isSharedFall(null, fell(3), EXPLAIN_TUNING)).toBe(false);
  expect(isSharedFall(2.5, fell(3), EXPLAIN_TUNING)).toBe(false);
});

describe('a verdict beside others', () => {
  const worse = { errors: { rise: 0.4, perSecond: 3 } };

  test('a rollback that others explain becomes attention, and says so and since when, without a name', () => {
    expect(FAILING.verdict).toBe('rollback_recommended');
    const { judgement, beside } = besideOthers(FAILING, others([{ ...worse, sinceMs: FIRST_MS - MINUTE_MS }]));
    expect(beside).toMatchObject({ suspects: ['id-0'], lowered: true });
    expect(judgement.verdict).toBe('attention');
    expect(judgement.summary).toMatch(
      /; perhaps not this deployment: 1 of 5 other projects of this environment got worse in the same minutes, from 00:14 UTC on, and may be the cause; without that a rollback would be recommended\.$/,
    );
    expect(JSON.stringify(judgement)).not.toContain('name-0');
    const [errors] = judgement.details;
    expect(errors).toMatchObject({
      severity: 'attention',
      evidence: { alternative: expect.stringContaining('1 of 5') },
    });
  });

  test('an attention stays one, and the sentence says who else', () => {
    const little = judged({ error_rate: 0.01 });
    expect(little.verdict).toBe('attention');
    const { judgement, beside } = besideOthers(little, others([worse, {}], 2));
    expect(beside).toMatchObject({ suspects: ['id-0'], lowered: false });
    expect(judgement.verdict).toBe('attention');
    expect(judgement.summary).toMatch(/1 of 2 other projects .* may be the cause\.$/);
  });

  test.each([
    ['nobody moved', others([])],
    ['others suffer from it', others([{ errors: { rise: 0.02, perSecond: 1.8 } }, grew(2)])],
    ['others got worse later', others([{ ...worse, sinceMs: FIRST_MS + 2 * MINUTE_MS }])],
    ['so many are looked at that one always is worse', others([worse], 10)],
  ])('%s: nothing changes', (_why, beside) => {
    expect(besideOthers(FAILING, beside)).toEqual({
      judgement: FAILING,
      beside: { ...beside, suspects: [], lowered: false },
    });
  });

  test('of ten looked at two are asked for', () => {
    expect(besideOthers(FAILING, others([worse], 9)).beside.lowered).toBe(true);
    expect(besideOthers(FAILING, others([worse, grew(1)], 10)).beside.lowered).toBe(true);
  });

  test.each([['cpu_usage'], ['memory_usage']] as const)('its own %s that failed is not the others’', (metric) => {
    const own = judged({ error_rate: 0.1, [metric]: 0.95 });
    expect(mayBeExcused(own)).toBe(false);
    expect(besideOthers(own, others([worse])).judgement).toBe(own);
  });

  test('what is not explained and grave stays a rollback, and nobody is blamed', () => {
    const both = judged({ error_rate: 0.1, latency_p95: 900 });
    expect(besideOthers(both, others([grew(3)]))).toMatchObject({
      judgement: both,
      beside: { suspects: [], lowered: false },
    });
  });

  test('what is not explained and not grave is attention by itself', () => {
    const both = judged({ error_rate: 0.1, latency_p95: 300 });
    expect(both.verdict).toBe('rollback_recommended');
    const { judgement, beside } = besideOthers(both, others([worse]));
    expect(beside.lowered).toBe(true);
    expect(judgement.details.find(({ metric }) => metric === 'latency_p95')?.evidence.alternative).toBeUndefined();
  });

  test('traffic that fell everywhere: whoever is at its limit there is the cause, not who fails', () => {
    const lost = judged({ requests_per_sec: 4 });
    expect(lost.verdict).toBe('rollback_recommended');
    const lowered = (movements: readonly Partial<Movement>[]) => besideOthers(lost, others(movements)).beside;
    expect(lowered([{ traffic: 2 }]).lowered).toBe(false);
    // Whose calls are refused here fails too, and calls less.
    expect(lowered([{ traffic: 2 }, { traffic: 1, ...worse, ...grew(2) }]).lowered).toBe(false);
    expect(lowered([{ traffic: 2 }, { traffic: 1, usage: true }])).toMatchObject({ lowered: true, suspects: ['id-1'] });
    const late = { traffic: 1, usage: true, sinceMs: FIRST_MS + 2 * MINUTE_MS };
    expect(lowered([{ traffic: 2 }, late]).lowered).toBe(false);
  });

  test('a dead service is nobody else’s doing, however others look', () => {
    const dead = judged({ requests_per_sec: 0, latency_p95: null, error_rate: null });
    expect(dead.verdict).toBe('rollback_recommended');
    const around = others([{ ...worse, traffic: 3, usage: true, ...grew(3) }, { traffic: 3 }]);
    expect(besideOthers(dead, around)).toMatchObject({ judgement: dead, beside: { lowered: false } });
  });

  test('the likeliest stands first: who has a cause of its own, then who fails more, then who grew more', () => {
    const several = others([grew(3), { ...grew(2), usage: true }, { ...grew(2.5), ...worse }, grew(4)]);
    expect(besideOthers(SLOW, several).beside.suspects).toEqual(['id-1', 'id-2', 'id-3', 'id-0']);
  });

  test('an ok and too little data stay what they are', () => {
    const fine = judged({});
    const none = told(deployment(15, 2, () => ({ error_rate: 0.9 })));
    for (const one of [fine, none]) expect(besideOthers(one, others([worse])).judgement).toBe(one);
  });
});

test('who was first of several; of unknown times none', () => {
  const moments = (...times: (number | null)[]) => others(times.map((sinceMs) => ({ sinceMs }))).worse;
  expect(firstToWorsen(moments(7, null, 5))).toBe(5);
  expect(firstToWorsen(moments(null))).toBeNull();
});
