import { describe, expect, test } from 'vitest';
import { headlineOf } from '../../src/report/headline.ts';
import type { CustomMetric } from '../../src/verdict/custom/custom-metric.ts';
import { judge } from '../../src/verdict/judge.ts';
import { findingOf, judgedWith } from './custom-samples.ts';
import { deployment } from './samples.ts';

const level = (more: Partial<CustomMetric> = {}): CustomMetric => ({
  name: 'queue_depth',
  unit: 'jobs',
  kind: 'level',
  worse: 'up',
  matters: { relative: null, absolute: 10 },
  isCounted: false,
  ...more,
});

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
