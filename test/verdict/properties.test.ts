import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judge } from '../../src/verdict/judge.ts';
import { type Judgement, METRICS, type MetricName, type Sample } from '../../src/verdict/types.ts';
import { inputOf, MINUTE_MS } from './samples.ts';

type Values = Record<MetricName, number>;

/** Rates over nine decades: a cron job's one request an hour up to a search engine. */
const rps = fc.double({ min: -4, max: 5, noNaN: true }).map((power) => 10 ** power);
const ratio = fc.double({ min: 0, max: 1, noNaN: true });
const ms = fc.double({ min: -1, max: 5, noNaN: true }).map((power) => 10 ** power);
const values: fc.Arbitrary<Values> = fc.record({
  requests_per_sec: fc.oneof({ weight: 9, arbitrary: rps }, fc.constant(0)),
  latency_p95: fc.oneof({ weight: 9, arbitrary: ms }, fc.constant(0)),
  error_rate: fc.oneof(ratio, fc.constant(0)),
  cpu_usage: ratio,
  memory_usage: ratio,
});
/** Values around one level, by factors of the size that the limits have: where findings begin and end. */
const nearby = (min: number, max: number) =>
  fc
    .tuple(
      values,
      fc.array(fc.record({ up: fc.double({ min: 0.5, max: 2, noNaN: true }), few: fc.boolean() }), {
        minLength: min,
        maxLength: max,
      }),
    )
    .map(([level, factors]) =>
      factors.map(({ up, few }) => {
        const by = few ? up : 1;
        return {
          requests_per_sec: level.requests_per_sec / by,
          latency_p95: level.latency_p95 * by,
          error_rate: Math.min(1, level.error_rate * by),
          cpu_usage: Math.min(1, level.cpu_usage * by),
          memory_usage: Math.min(1, level.memory_usage * by),
        };
      }),
    );
/** Any order, two-valued and constant windows among them: those are what breaks medians. */
const rows = (min: number, max: number) =>
  fc.oneof(
    nearby(min, max),
    fc.array(values, { minLength: min, maxLength: max }),
    fc
      .tuple(values, values, fc.array(fc.boolean(), { minLength: min, maxLength: max }))
      .map(([a, b, which]) => which.map((first) => (first ? a : b))),
    fc.tuple(values, fc.integer({ min, max })).map(([one, count]) => Array.from({ length: count }, () => one)),
  );

function at(list: readonly Values[], startMs: number): Sample[] {
  return list.map((value, i) => ({ ...value, collectedAtMs: startMs + i * MINUTE_MS, lateSeconds: 0 }));
}

function judgeRows(before: readonly Values[], after: readonly Values[]): Judgement {
  return judge(inputOf(at(before, 0), at(after, before.length * MINUTE_MS)));
}

/** Silence is none: nothing is known then. */
function isAlarm({ verdict }: Judgement): boolean {
  return verdict === 'attention' || verdict === 'rollback_recommended';
}

function hasFailed(judgement: Judgement, metric: MetricName): boolean {
  return judgement.details.find((finding) => finding.metric === metric)?.severity !== 'none';
}

/** Cases a property: some at every run, many among what takes long (vitest.config.ts) and on CI; see also same-draws.ts. */
const RUNS = { numRuns: Number(process.env.SEQPULSE_PROPERTY_RUNS ?? (process.env.CI === 'true' ? 1000 : 150)) };

test('equal ratios and levels on both sides never alarm, at any traffic', () => {
  fc.assert(
    fc.property(
      values,
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 3, max: 30 }),
      (level, countBefore, countAfter) => {
        const same = (count: number) => Array.from({ length: count }, () => level);
        const verdict = level.requests_per_sec === 0 ? 'insufficient_data' : 'ok';
        expect(judgeRows(same(countBefore), same(countAfter)).verdict).toBe(verdict);
      },
    ),
    RUNS,
  );
});

test('an equal error ratio never fails although traffic differs from sample to sample', () => {
  fc.assert(
    fc.property(
      ratio,
      fc.array(rps, { minLength: 1, maxLength: 15 }),
      fc.array(rps, { minLength: 3, maxLength: 15 }),
      (error_rate, ratesBefore, ratesAfter) => {
        const rowsOf = (rates: readonly number[]) =>
          rates.map((requests_per_sec) => ({
            requests_per_sec,
            error_rate,
            latency_p95: 100,
            cpu_usage: 0.2,
            memory_usage: 0.4,
          }));
        expect(hasFailed(judgeRows(rowsOf(ratesBefore), rowsOf(ratesAfter)), 'error_rate')).toBe(false);
      },
    ),
    RUNS,
  );
});

test('two identical windows never alarm, whatever is in them and in whatever order', () => {
  const shuffled = rows(3, 15).chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  );
  fc.assert(
    fc.property(shuffled, ([list, mixed]) => {
      expect(isAlarm(judgeRows(list, list))).toBe(false);
      expect(isAlarm(judgeRows(list, mixed))).toBe(false);
    }),
    RUNS,
  );
});

/** Worse by the same amount, or by the same factor, in every sample after. */
function worse(metric: MetricName, kind: 'add' | 'times', amount: number): (row: Values) => Values {
  return (row) => {
    const value = row[metric];
    if (metric === 'requests_per_sec') {
      return { ...row, requests_per_sec: kind === 'add' ? Math.max(0, value - amount * 10) : value * (1 - amount) };
    }
    if (metric === 'latency_p95')
      return { ...row, latency_p95: kind === 'add' ? value + amount * 1000 : value * (1 + amount * 10) };
    return { ...row, [metric]: Math.min(1, kind === 'add' ? value + amount : value * (1 + amount)) };
  };
}

test.each(METRICS)('making %s worse in every sample after never lifts its finding', (metric) => {
  fc.assert(
    fc.property(
      rows(1, 15),
      rows(3, 15),
      fc.constantFrom('add' as const, 'times' as const),
      ratio,
      (before, after, kind, amount) => {
        const base = judgeRows(before, after);
        const shifted = judgeRows(before, after.map(worse(metric, kind, amount)));
        const rank = { none: 0, attention: 1, critical: 2 };
        const severity = (j: Judgement) =>
          rank[j.details.find((finding) => finding.metric === metric)?.severity ?? 'none'];
        expect(severity(shifted)).toBeGreaterThanOrEqual(severity(base));
      },
    ),
    RUNS,
  );
});

/** That is a trend, however often it was silent before: who stops now has stopped. */
const endsInSilence = (list: readonly Values[]): boolean =>
  list.at(-1)?.requests_per_sec === 0 && list.some((row) => row.requests_per_sec > 0);

test('of two windows each may have lost its requests against the other: one ends in silence', () => {
  const steady = { error_rate: 0, latency_p95: 1, cpu_usage: 0, memory_usage: 0 };
  const sixMinutes = [26, 26, 26, 0, 0, 0].map((requests_per_sec) => ({ ...steady, requests_per_sec }));
  const bursts = [...sixMinutes, ...sixMinutes];
  const even = Array.from({ length: 12 }, () => ({ ...steady, requests_per_sec: 1 }));
  const traffic = ({ details }: Judgement) => details.find(({ metric }) => metric === 'requests_per_sec')?.reason;
  expect(traffic(judgeRows(even, bursts))).toMatch(/^The requests stopped: 1\.00\/s before, none now/);
  expect(traffic(judgeRows(bursts, even))).toMatch(/^The requests nearly stopped: 13\/s before, 1\/s now/);
});

test('no metric fails both ways round on windows without a trend', () => {
  // Without a trend: the last half of the window holds exactly the values of its first half. At most 14 samples: of a
  // longer window only a part is the baseline, so the two ways round would compare different windows.
  const trendless = rows(2, 7).map((list) => [...list, ...list]);
  fc.assert(
    fc.property(
      trendless,
      trendless,
      fc.boolean(),
      fc.double({ min: 0.5, max: 2, noNaN: true }),
      (one, unrelated, isRelated, by) => {
        fc.pre(!endsInSilence(one) && !endsInSilence(unrelated));
        const other = isRelated
          ? one.map((row) => ({
              ...row,
              latency_p95: row.latency_p95 * by,
              cpu_usage: Math.min(1, row.cpu_usage * by),
            }))
          : unrelated;
        const there = judgeRows(one, other);
        const back = judgeRows(other, one);
        for (const metric of METRICS) expect(hasFailed(there, metric) && hasFailed(back, metric), metric).toBe(false);
      },
    ),
    RUNS,
  );
});

test('a second reading with the same timestamp changes nothing', () => {
  fc.assert(
    fc.property(rows(1, 15), rows(3, 15), fc.nat(), fc.nat(), values, (before, after, pickBefore, pickAfter, other) => {
      const pre = at(before, 0);
      const post = at(after, before.length * MINUTE_MS);
      const doubled = (list: readonly Sample[], pick: number) =>
        list.flatMap((sample, i) => (i === pick % list.length ? [sample, { ...sample, ...other }] : [sample]));
      const plain = judge(inputOf(pre, post));
      const twice = judge(
        inputOf(doubled(pre, pickBefore), doubled(post, pickAfter), {
          expectedPre: pre.length,
          expectedPost: post.length,
        }),
      );
      expect({ ...twice, summary: '', leftOut: [] }).toEqual({ ...plain, summary: '', leftOut: [] });
    }),
    RUNS,
  );
});

test('the order of the samples before changes nothing, but that eight and more may be a ramp', () => {
  const shuffled = rows(1, 7).chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  );
  fc.assert(
    fc.property(shuffled, rows(3, 15), ([before, mixed], after) => {
      const one = judgeRows(before, after);
      const other = judgeRows(mixed, after);
      // Sums in another order differ in the last bits.
      expect({ ...other, details: other.details.map((f) => f.severity) }).toEqual({
        ...one,
        details: one.details.map((f) => f.severity),
      });
    }),
    RUNS,
  );
});

test('the order of the samples after changes only what looks at order: late shifts, leaks and silence', () => {
  const shuffled = rows(3, 15).chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  );
  const ordered = new Set(['late_shift', 'leak', 'refill', 'silence']);
  fc.assert(
    fc.property(rows(1, 15), shuffled, (before, [after, mixed]) => {
      const one = judgeRows(before, after);
      const other = judgeRows(before, mixed);
      for (const [i, finding] of one.details.entries()) {
        const twin = other.details[i];
        if (ordered.has(finding.evidence.rule ?? '') || ordered.has(twin?.evidence.rule ?? '')) continue;
        expect(twin?.severity).toBe(finding.severity);
      }
    }),
    RUNS,
  );
});

/** What a level may be, the absurd included: two of the largest are more than a number holds. */
const anyLevel = fc.oneof(
  { weight: 3, arbitrary: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }) },
  fc.constantFrom(0, Number.MIN_VALUE, 1, 1e154, 1e300, Number.MAX_VALUE),
);

/** Everything the contract lets in. */
const anyAllowed: fc.Arbitrary<Values> = fc.record({
  requests_per_sec: anyLevel,
  latency_p95: anyLevel,
  error_rate: ratio,
  cpu_usage: ratio,
  memory_usage: ratio,
});

function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(numbersIn);
}

test('input inside the contract never throws and never gives a number that is not finite', () => {
  const facts = fc.record(
    {
      windowSeconds: fc.constantFrom(1, 60, 3600),
      requests: anyLevel,
      latencyMean: anyLevel,
      cpuCores: anyLevel,
      latencyBucket: fc.tuple(anyLevel, anyLevel).map(([a, b]) => ({ low: Math.min(a, b), high: Math.max(a, b) })),
    },
    { requiredKeys: [] },
  );
  const control = fc.option(
    fc.tuple(anyAllowed, facts).map(([numbers, fact]) => ({ control: { numbers, ...fact } })),
    { nil: {} },
  );
  const sample = fc.tuple(
    anyAllowed,
    fc.tuple(facts, control),
    fc.integer({ min: 0, max: 2e12 }),
    fc.integer({ min: 0, max: 600 }),
  );
  const samples = fc.array(sample, { maxLength: 35 }).map((list) =>
    list.map(([value, [fact, beside], collectedAtMs, lateSeconds]) => ({
      ...value,
      ...fact,
      ...beside,
      collectedAtMs,
      lateSeconds,
    })),
  );
  fc.assert(
    fc.property(samples, samples, fc.nat(30), fc.nat(30), (pre, post, expectedPre, expectedPost) => {
      const judgement = judge({ pre, post, expectedPre, expectedPost, collectionEnded: null });
      for (const number of numbersIn(judgement)) expect(Number.isFinite(number)).toBe(true);
      expect(judgement.summary).not.toMatch(/NaN|Infinity|undefined/);
      for (const finding of judgement.details) expect(finding.reason).not.toMatch(/NaN|Infinity|undefined/);
      expect(judgement.confidence).toBeGreaterThanOrEqual(0);
      expect(judgement.confidence).toBeLessThanOrEqual(1);
    }),
    RUNS,
  );
});

test('a sum that is more than a number holds is told as the largest there is', () => {
  const atRate = (requests_per_sec: number, collectedAtMs: number) => ({
    requests_per_sec,
    latency_p95: 0,
    error_rate: 0,
    cpu_usage: 0,
    memory_usage: 0,
    collectedAtMs,
    lateSeconds: 0,
  });
  const pre = [atRate(1e300, 0), atRate(Number.MAX_VALUE, 1)];
  const judgement = judge({
    pre,
    post: [0, 1, 2].map((ms) => atRate(0, ms)),
    expectedPre: 0,
    expectedPost: 0,
    collectionEnded: null,
  });
  for (const number of numbersIn(judgement)) expect(Number.isFinite(number)).toBe(true);
  expect(judgement.details.find(({ metric }) => metric === 'requests_per_sec')?.baseline).toBe(Number.MAX_VALUE);
});

/** What the API lets in, from its smallest to its largest (src/http/limits.ts). */
const anyLimits = fc.record({
  errorRise: fc.double({ min: 1e-4, max: 1, noNaN: true }),
  latencyGrowth: fc.double({ min: 0.01, max: 10, noNaN: true }),
  latencyRiseMs: fc.double({ min: 0.01, max: 60_000, noNaN: true }),
  trafficDrop: fc.double({ min: 0.01, max: 1, noNaN: true }),
  cpuRise: fc.double({ min: 1e-3, max: 1, noNaN: true }),
  memoryRise: fc.double({ min: 1e-3, max: 1, noNaN: true }),
});

test('under whatever limits a project may set: equal windows never alarm, and all numbers are finite', () => {
  fc.assert(
    fc.property(rows(3, 15), rows(3, 15), anyLimits, (before, after, limits) => {
      const judgeBy = (one: readonly Values[], other: readonly Values[]) =>
        judge(inputOf(at(one, 0), at(other, one.length * MINUTE_MS), { limits }));
      expect(isAlarm(judgeBy(before, before))).toBe(false);
      for (const number of numbersIn(judgeBy(before, after))) expect(Number.isFinite(number)).toBe(true);
    }),
    RUNS,
  );
});

const broken = fc.oneof(
  fc.record({ metric: fc.constantFrom(...METRICS), value: fc.double({ max: -Number.MIN_VALUE, noNaN: true }) }),
  fc.record({
    metric: fc.constantFrom('error_rate' as const, 'cpu_usage' as const, 'memory_usage' as const),
    value: fc.double({ min: 1 + Number.EPSILON, noNaN: true }),
  }),
  fc.record({ metric: fc.constantFrom(...METRICS), value: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY) }),
);

test('a number outside the contract counts as missing, and the other four are judged as if nothing were', () => {
  fc.assert(
    fc.property(rows(3, 10), rows(3, 10), broken, fc.nat(), (before, after, { metric, value }, pick) => {
      const pre = at(before, 0);
      const post = at(after, before.length * MINUTE_MS);
      const index = pick % post.length;
      const breakOne = (number: number | null) =>
        post.map((sample, i) => (i === index ? { ...sample, [metric]: number } : sample));
      const judgement = judge(inputOf(pre, breakOne(value)));
      const same = judge(inputOf(pre, breakOne(null)));
      const whole = judge(inputOf(pre, post));
      for (const [i, finding] of judgement.details.entries()) {
        expect({ ...finding, evidence: null, reason: '' }).toEqual({ ...same.details[i], evidence: null, reason: '' });
        // What traffic explains of CPU, and what it makes latency and errors worth, goes with traffic.
        if (finding.metric === metric || metric === 'requests_per_sec') continue;
        expect(finding).toEqual(whole.details[i]);
      }
      expect(judgement.leftOut).toEqual([]);
    }),
    RUNS,
  );
});

test('a sample with no number inside the contract is left out with its reason and does not touch the verdict', () => {
  const outside = { error_rate: 2, latency_p95: -1, requests_per_sec: Number.NaN, cpu_usage: 1.5, memory_usage: -0.1 };
  const nothing = { error_rate: null, latency_p95: null, requests_per_sec: null, cpu_usage: null, memory_usage: null };
  fc.assert(
    fc.property(rows(1, 10), rows(3, 10), fc.boolean(), (before, after, isOutside) => {
      const pre = at(before, 0);
      const post = at(after, before.length * MINUTE_MS);
      const collectedAtMs = (before.length + after.length) * MINUTE_MS;
      const bad: Sample = { ...(isOutside ? outside : nothing), collectedAtMs, lateSeconds: 0 };
      const judgement = judge(inputOf(pre, [...post, bad], { expectedPost: post.length }));
      const reason = isOutside ? 'out_of_contract' : 'no_number';
      expect(judgement.leftOut).toContainEqual(expect.objectContaining({ phase: 'post', reason, count: 1 }));
      const kept = { ...judge(inputOf(pre, post)), summary: '', leftOut: [] };
      expect({ ...judgement, summary: '', leftOut: [] }).toEqual(kept);
    }),
    RUNS,
  );
});

test('whatever numbers are missing: never thrown, never a number that is not finite, and nothing judged is never ok', () => {
  const gappy = values.chain((row) =>
    fc.tuple(...METRICS.map(() => fc.boolean())).map((gone) => {
      const kept = METRICS.map((metric, i) => [metric, gone[i] === true ? null : row[metric]]);
      return Object.fromEntries(kept) as Record<MetricName, number | null>;
    }),
  );
  const samplesOf = (list: readonly Record<MetricName, number | null>[], startMs: number): Sample[] =>
    list.map((row, i) => ({ ...row, collectedAtMs: startMs + i * MINUTE_MS, lateSeconds: 0 }));
  const windows = fc.tuple(fc.array(gappy, { maxLength: 15 }), fc.array(gappy, { maxLength: 15 }));
  fc.assert(
    fc.property(windows, ([before, after]) => {
      const judgement = judge(inputOf(samplesOf(before, 0), samplesOf(after, 15 * MINUTE_MS)));
      for (const number of numbersIn(judgement)) expect(Number.isFinite(number)).toBe(true);
      const judgedCount = judgement.details.filter((finding) => finding.evidence.notJudged === null).length;
      if (judgedCount === 0) expect(judgement.verdict).toBe('insufficient_data');
      if (judgement.verdict !== 'insufficient_data')
        expect(judgement.summary).toMatch(
          judgedCount === 5 ? /^(?!Judged on)/ : /^Judged on \d of 5 metrics, without /,
        );
    }),
    RUNS,
  );
});

test('fewer than three samples after, or none before, is insufficient data and never ok', () => {
  fc.assert(
    fc.property(rows(1, 10), fc.array(values, { maxLength: 2 }), (before, after) => {
      expect(judgeRows(before, after).verdict).toBe('insufficient_data');
      expect(judgeRows([], before).verdict).toBe('insufficient_data');
    }),
    RUNS,
  );
});
