import { expect, test } from 'vitest';
import { type LateHours, lateFindings } from '../../src/verdict/late.ts';
import { dayBefore } from '../../src/verdict/late-day.ts';
import { judgeLate } from '../../src/verdict/late-verdict.ts';
import { DEFAULT_LIMITS } from '../../src/verdict/tuning.ts';
import type { Sample } from '../../src/verdict/types.ts';

const HOUR_MS = 3_600_000;
const START_MS = 100 * HOUR_MS;

const readings = (
  fromMs: number,
  minutes: number,
  values: (minute: number) => Partial<Sample> = () => ({}),
): Sample[] =>
  Array.from({ length: minutes }, (_, minute) => ({
    error_rate: 0.002,
    latency_p95: 100 + (minute % 3),
    requests_per_sec: 20,
    cpu_usage: 0.3,
    memory_usage: 0.4 + 0.001 * (minute % 2),
    collectedAtMs: fromMs + minute * 60_000,
    lateSeconds: 0,
    ...values(minute),
  }));
const day = (values?: (minute: number) => Partial<Sample>) =>
  dayBefore(readings(START_MS - 24 * HOUR_MS, 1_440, values), START_MS) ?? {};

function asked(hours: LateHours, values?: (minute: number) => Partial<Sample>, before = day()) {
  const checkedAtMs = START_MS + 6 * 60_000 + hours * HOUR_MS;
  const now = readings(checkedAtMs - HOUR_MS, 60, values);
  return { day: before, now, startedAtMs: START_MS, checkedAtMs, hours, limits: DEFAULT_LIMITS };
}
const worse = (question: ReturnType<typeof asked>) =>
  lateFindings(question).flatMap(({ metric, kind, strength }) => (strength >= 1 ? [`${metric} ${kind}`] : []));

test.each([1, 24] as const)('%i h later: what got worse since is found, and a quiet service is not', (hours) => {
  expect(worse(asked(hours))).toEqual([]);
  expect(worse(asked(hours, () => ({ error_rate: 0.012 })))).toEqual(['error_rate level']);
  expect(worse(asked(hours, () => ({ latency_p95: 160 })))).toEqual(['latency_p95 level']);
  expect(worse(asked(hours, () => ({ memory_usage: 0.6 })))).toEqual(['memory_usage level']);
});

test('errors that begin half an hour later are found; what is less than matters, or one bad quarter of an hour, is not', () => {
  expect(worse(asked(1, (minute) => ({ error_rate: minute < 25 ? 0.002 : 0.012 })))).toEqual(['error_rate level']);
  expect(worse(asked(1, () => ({ error_rate: 0.004 })))).toEqual([]);
  expect(worse(asked(1, (minute) => ({ error_rate: minute >= 45 ? 0.03 : 0.002 })))).toEqual([]);
});

test('a leak is found by its slope before it is much, and says when it is full', () => {
  const leak = asked(1, (minute) => ({ memory_usage: 0.4 + (0.05 * minute) / 60 }));
  expect(worse(leak)).toEqual(['memory_usage slope']);
  expect(judgeLate(leak)).toMatchObject({
    verdict: 'attention',
    summary: expect.stringMatching(
      /^An hour later: Memory grows steadily by 5.* points an hour, .* full in about 11 h/,
    ),
  });
  // Half the hours of the day before did the same.
  const sawtooth = day((minute) => ({ memory_usage: 0.4 + (0.05 * (minute % 120)) / 60 }));
  expect(worse(asked(1, (minute) => ({ memory_usage: 0.4 + (0.05 * minute) / 60 }), sawtooth))).toEqual([]);
});

test('what the day before did by itself is nothing new: its level, its rise, its hour', () => {
  const morning = day((minute) => ({ latency_p95: minute >= 300 && minute < 600 ? 170 : 100 }));
  expect(worse(asked(1, () => ({ latency_p95: 170 }), morning))).toEqual([]);
  const sameHour = day((minute) => ({ memory_usage: minute < 120 ? 0.55 : 0.4 }));
  expect(worse(asked(24, () => ({ memory_usage: 0.58 }), sameHour))).toEqual([]);
});

test('errors that rise by a third more than in the steepest hour of the day before are none of the news, by two thirds more are', () => {
  const burst = day((minute) => ({ error_rate: minute >= 300 && minute < 600 ? 0.012 : 0.002 }));
  expect(worse(asked(1, () => ({ error_rate: 0.0155 }), burst))).toEqual([]);
  expect(worse(asked(1, () => ({ error_rate: 0.0187 }), burst))).toEqual(['error_rate level']);
});

test('few requests make chance large: of ninety, three that failed, one every ten minutes, say nothing', () => {
  const few = (rate: number) => (minute: number) => ({
    requests_per_sec: rate,
    error_rate: minute % 10 === 5 ? 1 / 3 : 0,
  });
  const none = day(() => ({ requests_per_sec: 0.05, error_rate: 0 }));
  expect(worse(asked(1, few(0.05), none))).toEqual([]);
  expect(worse(asked(1, few(5), none))).toEqual(['error_rate level']);
});

test('without six hours of a day, or half an hour since, nothing can be said', () => {
  expect(dayBefore(readings(START_MS - 5 * HOUR_MS, 300), START_MS)).toBeNull();
  expect(lateFindings({ ...asked(1), now: asked(1).now.slice(0, 30) })).toEqual([]);
  expect(judgeLate({ ...asked(24), now: [] })).toMatchObject({
    verdict: 'insufficient_data',
    confidence: 0,
    details: [],
  });
});

test('a metric that is not read is named as not judged', () => {
  const question = asked(24, () => ({ memory_usage: null }));
  expect(judgeLate(question)).toMatchObject({
    verdict: 'ok',
    summary: 'A day later: nothing got worse in error rate and p95 latency (memory not judged).',
  });
});
