import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compare, RENAMED, RENAMINGS, renamed } from '../../bench/verdict/custom-columns.ts';
import { headlineOf } from '../../src/report/headline.ts';
import type { CustomMetric, CustomValue } from '../../src/verdict/custom/custom-metric.ts';
import { judge } from '../../src/verdict/judge.ts';
import type { Finding, JudgeInput, Judgement, Sample } from '../../src/verdict/types.ts';
import { deployment, QUIET } from './samples.ts';

const level = (more: Partial<CustomMetric> = {}): CustomMetric => ({
  name: 'queue_depth',
  unit: 'jobs',
  kind: 'level',
  worse: 'up',
  matters: { relative: null, absolute: 10 },
  isCounted: false,
  ...more,
});

/** `read(i)` for the 15 samples before, from 0 on, and for the 5 after, from 15 on. */
function judgedWith(metric: CustomMetric, read: (index: number) => CustomValue | null): Judgement {
  const input = deployment(15, 5);
  const add = (from: number) => (sample: Sample, i: number) => {
    const value = read(from + i);
    return value === null ? sample : { ...sample, custom: { [metric.name]: value } };
  };
  return judge({ ...input, pre: input.pre.map(add(0)), post: input.post.map(add(15)), custom: [metric] });
}

const findingOf = ({ details }: Judgement): Finding => details.at(-1) as Finding;
const steps = (before: number, after: number) => (index: number) => ({
  value: (index < 15 ? before : after) + (index % 3) * before * 0.01,
});

test('a level that rose by what matters is told with its name and unit, like one of the five', () => {
  const judgement = judgedWith(level(), steps(40, 90));
  expect(judgement.verdict).toBe('attention');
  expect(findingOf(judgement)).toMatchObject({
    metric: 'custom',
    custom: { name: 'queue_depth', kind: 'level', worse: 'up' },
    unit: 'jobs',
    severity: 'attention',
    reason: expect.stringMatching(
      /^queue_depth rose from 40\.4 jobs to 90\.4 jobs \(\+50 jobs, ×2\.2\); 5 of 5 samples above/,
    ),
  });
  expect(headlineOf(judgement)).toBe('queue_depth rose from 40.4 jobs to 90.4 jobs');
  expect(judgement.summary).toContain('queue_depth rose');
});

test('both of what matters must be reached: so many times, and so much', () => {
  expect(judgedWith(level(), steps(4, 8)).verdict).toBe('ok');
  expect(judgedWith(level({ matters: { relative: 2, absolute: null } }), steps(40, 90)).verdict).toBe('ok');
  expect(judgedWith(level({ matters: { relative: 0.5, absolute: null } }), steps(40, 90)).verdict).toBe('attention');
});

test.each([
  ['up', 40, 90, 'up', 'rose from'],
  ['down', 90, 40, 'down', 'fell from'],
  ['both', 40, 90, 'up', 'rose from'],
  ['both', 90, 40, 'down', 'fell from'],
] as const)('bad %s: %i → %i is found the way it went', (worse, before, after, way, words) => {
  const finding = findingOf(judgedWith(level({ worse }), steps(before, after)));
  expect(finding).toMatchObject({
    severity: 'attention',
    custom: { worse: way },
    reason: expect.stringContaining(words),
  });
  expect(finding.evidence).toMatchObject({ change: expect.closeTo(50, 0), samplesBeyond: 5 });
  const { threshold } = finding.evidence;
  expect(way === 'up' ? (threshold ?? 0) > 40 : (threshold ?? 0) < 90).toBe(true);
});

test.each([
  ['up', 90, 40],
  ['down', 40, 90],
] as const)('bad %s: the other way is no fault', (worse, before, after) => {
  expect(judgedWith(level({ worse }), steps(before, after)).verdict).toBe('ok');
});

describe('a share', () => {
  const share = (more: Partial<CustomMetric> = {}) =>
    level({
      name: 'declined',
      unit: '',
      kind: 'share',
      isCounted: true,
      matters: { relative: null, absolute: 0.02 },
      ...more,
    });

  test('is judged by counts: the same rise of 300 events and of 3', () => {
    const read = (events: number) => (index: number) => ({ value: index < 15 ? 0.02 : 0.06, events });
    expect(judgedWith(share(), read(3_000)).verdict).toBe('attention');
    expect(judgedWith(share(), read(3)).verdict).toBe('ok');
  });

  test('that should be high falls: what is missing to all is what rises', () => {
    const judgement = judgedWith(share({ worse: 'down' }), (index) => ({
      value: index < 15 ? 0.99 : 0.9,
      events: 3_000,
    }));
    expect(findingOf(judgement)).toMatchObject({
      severity: 'critical',
      baseline: expect.closeTo(0.99, 6),
      observed: expect.closeTo(0.9, 6),
      reason: expect.stringMatching(/^declined fell from 99 % to 90 %/),
    });
  });

  test('of which no event came is passed over, and so is what can’t be a share', () => {
    const none = findingOf(judgedWith(share(), () => ({ value: null, reason: 'no_requests', events: 0 })));
    expect(none.evidence).toMatchObject({ notJudged: expect.any(String), samplesWithoutRequests: 20 });
    const wrong = findingOf(judgedWith(share(), () => ({ value: 1.2, events: 60 })));
    expect(wrong.evidence).toMatchObject({ notJudged: expect.stringContaining('out of range') });
  });
});

describe('a rate', () => {
  const rate = (more: Partial<CustomMetric> = {}) =>
    level({
      name: 'orders',
      unit: 'orders',
      kind: 'rate',
      worse: 'down',
      matters: { relative: null, absolute: null },
      ...more,
    });

  test('that stops is told as such', () => {
    const judgement = judgedWith(rate(), (index) => ({ value: index < 15 ? 5 : 0 }));
    expect(judgement.verdict).toBe('rollback_recommended');
    expect(findingOf(judgement)).toMatchObject({
      unit: 'orders/s',
      reason: expect.stringMatching(/^orders stopped: 5.00 orders\/s before, none now/),
    });
  });

  test('that is bad up', () => {
    const judgement = judgedWith(rate({ worse: 'up' }), (index) => ({ value: index < 15 ? 5 : 12 }));
    expect(findingOf(judgement)).toMatchObject({
      severity: 'attention',
      reason: expect.stringContaining('orders rose from 5.0 orders/s to 12.0 orders/s'),
    });
  });
});

test('what was not read is said, lowers nothing else, and the five are judged', () => {
  const judgement = judgedWith(level(), () => null);
  expect(judgement).toMatchObject({
    verdict: 'ok',
    summary: expect.stringContaining('Judged on 5 of 6 metrics, without queue_depth'),
  });
  expect(judgement.confidence).toBe(judge(deployment(15, 5)).confidence);
});

test('names from outside find nothing that nobody put there', () => {
  for (const name of ['constructor', 'toString', 'hasOwnProperty']) {
    expect(findingOf(judgedWith(level({ name }), () => null)).evidence.notJudged).not.toBeNull();
    expect(findingOf(judgedWith(level({ name }), steps(40, 90)))).toMatchObject({ severity: 'attention' });
  }
});

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

test('every one of the renamed is defined', () => {
  for (const column of new Set(RENAMINGS.flat())) expect(RENAMED[column]).toBeDefined();
});
