import { describe, expect, test } from 'vitest';
import { judge } from '../../src/verdict/judge.ts';
import { type MarkedAlarm, proposedLimits } from '../../src/verdict/limit-proposals.ts';
import { limitsOf } from '../../src/verdict/limits.ts';
import type { JudgeInput, Limits, Sample } from '../../src/verdict/types.ts';
import { deployment } from './samples.ts';

const LIMITS = limitsOf({});
const marked = (input: JudgeInput, correct: boolean): MarkedAlarm => ({ correct, details: judge(input).details });
const after = (values: (index: number) => Partial<Sample>) => deployment(15, 10, values);

const CPU = after(() => ({ cpu_usage: 0.55 }));
const LATENCY = (ms: number) => after(() => ({ latency_p95: ms }));

describe('three false alarms of one kind propose the limit under which the same judges ok', () => {
  test.each<[string, keyof Limits, string, (index: number) => Partial<Sample>]>([
    ['errors', 'errorRise', 'error_rise', () => ({ error_rate: 0.02 })],
    ['latency', 'latencyGrowth', 'level_shift', () => ({ latency_p95: 320 })],
    ['late latency', 'latencyGrowth', 'late_shift', (i) => ({ latency_p95: i < 6 ? 180 : 420 })],
    ['every second sample', 'latencyGrowth', 'repeated_excess', (i) => ({ latency_p95: i % 2 === 0 ? 420 : 180 })],
    ['traffic', 'trafficDrop', 'level_shift', () => ({ requests_per_sec: 10 })],
    ['CPU', 'cpuRise', 'level_shift', () => ({ cpu_usage: 0.55 })],
    ['memory', 'memoryRise', 'level_shift', () => ({ memory_usage: 0.62 })],
    ['a leak', 'memoryRise', 'leak', (i) => ({ memory_usage: 0.5 + 0.012 * i })],
  ])('%s', (_, limit, rule, values) => {
    const input = after(values);
    expect(judge(input).verdict).not.toBe('ok');
    const alarm = marked(input, false);
    expect(proposedLimits([alarm, alarm], LIMITS)).toEqual([]);
    const proposals = proposedLimits([alarm, alarm, alarm], LIMITS);
    expect(proposals).toMatchObject([{ limit, rule, falseAlarms: 3, rightHidden: 0, now: LIMITS[limit] }]);
    const { value = 0 } = proposals[0] ?? {};
    expect(value).toBeGreaterThan(LIMITS[limit]);
    expect(judge({ ...input, limits: { [limit]: value } }).verdict).toBe('ok');
    // And once it is set nothing more is proposed.
    expect(proposedLimits([alarm, alarm, alarm], limitsOf({ [limit]: value }))).toEqual([]);
  });
});

test('the largest of them counts, and right alarms that would go are told', () => {
  const wrong = [300, 320, 310].map((ms) => marked(LATENCY(ms), false));
  const [loudest] = proposedLimits(wrong, LIMITS);
  expect(loudest).toMatchObject({ metric: 'latency_p95', value: 0.8, rightHidden: 0 });
  expect(proposedLimits([...wrong, marked(LATENCY(315), true)], LIMITS)).toMatchObject([{ rightHidden: 1 }]);
  expect(proposedLimits([...wrong, marked(LATENCY(900), true)], LIMITS)).toMatchObject([{ rightHidden: 0 }]);
});

test('where as many right alarms would go as false ones, none is proposed', () => {
  const [wrong, right] = [marked(CPU, false), marked(CPU, true)];
  expect(proposedLimits([wrong, wrong, wrong, right, right], LIMITS)).toHaveLength(1);
  expect(proposedLimits([wrong, wrong, wrong, right, right, right], LIMITS)).toEqual([]);
});

test('alarms of different kinds do not add up; one marked right is none of them', () => {
  const latency = marked(LATENCY(320), false);
  expect(proposedLimits([latency, latency, marked(CPU, false), marked(LATENCY(320), true)], LIMITS)).toEqual([]);
});

test.each([
  ['requests that stop', () => ({ requests_per_sec: 0 })],
  ['half of the requests fail', () => ({ error_rate: 0.5 })],
  ['latency ten times as high', () => ({ latency_p95: 1_800 })],
])('no limit for %s', (_, values) => {
  const alarm = marked(after(values), false);
  expect(judge(after(values)).verdict).not.toBe('ok');
  expect(proposedLimits([alarm, alarm, alarm], LIMITS)).toEqual([]);
});

test('none near a ceiling, where a usage has limits of its own', () => {
  const input = deployment(15, 10);
  const near = {
    ...input,
    pre: input.pre.map((sample) => ({ ...sample, memory_usage: 0.8 })),
    post: input.post.map((sample) => ({ ...sample, memory_usage: 0.95 })),
  };
  expect(judge(near).details.find(({ metric }) => metric === 'memory_usage')?.severity).toBe('attention');
  const alarm = marked(near, false);
  expect(proposedLimits([alarm, alarm, alarm], LIMITS)).toEqual([]);
});
