import { describe, expect, test } from 'vitest';
import { judge } from '../../src/verdict/judge.ts';
import type { ControlSample, JudgeInput, Sample, SampleNumbers } from '../../src/verdict/types.ts';
import { inputOf, MINUTE_MS, QUIET, windowOf } from './samples.ts';

type Change = Partial<SampleNumbers>;

const wobbling = (numbers: SampleNumbers, index: number): SampleNumbers => ({
  ...numbers,
  latency_p95: (numbers.latency_p95 ?? 0) * (1 + 0.02 * Math.sin(index * 2)),
});

/** 15 minutes before and 5 after, a control beside both: what the deployment did to its own, and what happened to the other. */
function beside(own: Change, other: Change, versions?: readonly string[]): JudgeInput {
  const controlOf = (change: Change, index: number): ControlSample => ({
    numbers: wobbling({ ...QUIET, ...change }, index),
    ...(versions === undefined ? {} : { versions }),
  });
  const before = (index: number): Partial<Sample> => ({
    ...wobbling(QUIET, index),
    ...(versions === undefined ? { control: controlOf({}, index) } : {}),
  });
  const after = (index: number): Partial<Sample> => ({
    ...wobbling({ ...QUIET, ...own }, index),
    control: controlOf(other, index),
  });
  return inputOf(windowOf(15, 0, before), windowOf(5, 15 * MINUTE_MS, after));
}

const withoutControl = (input: JudgeInput): JudgeInput => {
  const bare = ({ control: _, ...sample }: Sample): Sample => sample;
  return { ...input, pre: input.pre.map(bare), post: input.post.map(bare) };
};

const SHOCKS: readonly [string, Change][] = [
  ['100 ms more', { latency_p95: 280 }],
  ['5 % of errors', { error_rate: 0.052 }],
  ['half of the traffic', { requests_per_sec: 9 }],
  ['CPU by half', { cpu_usage: 0.5 }],
  ['memory by ten points', { memory_usage: 0.6 }],
  ['traffic twice as much, 100 ms and 5 % of errors', { requests_per_sec: 40, latency_p95: 280, error_rate: 0.052 }],
];

describe('what hits a control too', () => {
  test.each(SHOCKS)('%s, is not the deployment’s', (_, shock) => {
    const input = beside(shock, shock);
    expect(judge(input).verdict).toBe('ok');
  });

  test.each(SHOCKS)('%s, is an alarm without a control, and with one that stood still', (_, shock) => {
    expect(judge(withoutControl(beside(shock, shock))).verdict).not.toBe('ok');
    expect(judge(beside(shock, {})).verdict).not.toBe('ok');
  });

  test('is told: what was expected, and what the control did', () => {
    const shock = { latency_p95: 280 };
    const { details, summary } = judge(beside(shock, shock));
    const latency = details.find(({ metric }) => metric === 'latency_p95');
    expect(latency?.baseline).toBeCloseTo(180, -1);
    expect(latency?.observed).toBeCloseTo(280, -1);
    expect(latency?.evidence.expected).toBeCloseTo(280, -1);
    expect(latency?.reason).toMatch(/the control went from 1[78]\d ms to 2[78]\d ms in the same minutes\.$/);
    expect(summary).toMatch(
      /^Nothing got worse than at the control \(latency: the control went from 1[78]\d ms to 2[78]\d ms in/,
    );
    // Errors stood still at both.
    expect(details.find(({ metric }) => metric === 'error_rate')?.reason).toBe('Error rate stayed at 0.20 %.');
  });

  test('and by more here is the deployment’s, by what is more', () => {
    const { verdict, details } = judge(beside({ latency_p95: 420 }, { latency_p95: 280 }));
    expect(verdict).toBe('attention');
    const latency = details.find(({ metric }) => metric === 'latency_p95');
    expect(latency?.reason).toMatch(/^p95 latency rose from 18\d ms to 4\d\d ms where 2[78]\d ms were expected/);
  });
});

test('what moves at the control by no more than its noise explains nothing', () => {
  const { details } = judge(beside({ latency_p95: 400 }, { latency_p95: 192 }));
  const latency = details.find(({ metric }) => metric === 'latency_p95');
  expect(latency).toMatchObject({ severity: 'attention' });
  expect(latency?.evidence.expected).toBeUndefined();
});

test('traffic that the control may have lost excuses the part that is probably more than noise', () => {
  const expectedBeside = (rps: number) => {
    const { details } = judge(beside({ requests_per_sec: 8 }, { requests_per_sec: rps }));
    const traffic = details.find(({ metric }) => metric === 'requests_per_sec');
    expect(traffic?.severity).not.toBe('none');
    return traffic?.evidence.expected ?? traffic?.baseline ?? 0;
  };
  expect(expectedBeside(18.5)).toBeGreaterThan(19);
  expect(expectedBeside(15)).toBeLessThan(15.5);
  // Half of it is beyond any noise.
  expect(judge(beside({ requests_per_sec: 10 }, { requests_per_sec: 10 })).verdict).toBe('ok');
});

test('one bad minute beside a shared shock is a burst, as it is without one', () => {
  const burst = (rest: number, worst: number, other = rest) => {
    const input = beside({ error_rate: rest }, { error_rate: other });
    const post = input.post.map((sample, minute) => (minute === 2 ? { ...sample, error_rate: worst } : sample));
    return judge({ ...input, post }).verdict;
  };
  expect(burst(0.002, 0.08)).toBe('ok');
  expect(burst(0.062, 0.14, 0.053)).toBe('ok');
  expect(burst(0.08, 0.14, 0.053)).toBe('rollback_recommended');
});

test('where one sample was read before, the counts of the control say how surely so many failures were expected', () => {
  const own = { requests_per_sec: 2, error_rate: 0.09 };
  const other = { requests_per_sec: 40, error_rate: 0.05 };
  const { pre, post, ...input } = beside(own, other);
  const one = pre.slice(-1).map((sample) => ({ ...sample, requests_per_sec: 2, error_rate: 0 }));
  expect(judge({ ...input, pre: one, post }).details.find(({ metric }) => metric === 'error_rate')?.severity).toBe(
    'critical',
  );
});

test('what a ramp explains is not said to be the control’s', () => {
  const input = beside({}, {});
  const climbing = (sample: Sample, minute: number): Sample => ({ ...sample, latency_p95: 150 + 12 * minute });
  const pre = input.pre.map(climbing);
  const post = input.post.map((sample, index) => climbing(sample, pre.length + index));
  const latency = judge({ ...input, pre, post }).details.find(({ metric }) => metric === 'latency_p95');
  expect(latency?.evidence.expected).toBeGreaterThan(300);
  expect(latency?.reason).not.toContain('control');
});

test('a shock that comes late is not the deployment’s either', () => {
  const input = beside({}, {});
  const late = <Numbers extends SampleNumbers>(numbers: Numbers) => ({ ...numbers, latency_p95: 420 });
  const post = input.post.map((sample, index) =>
    index < 3 || sample.control === undefined
      ? sample
      : { ...late(sample), control: { ...sample.control, numbers: late(sample.control.numbers) } },
  );
  expect(judge({ ...input, post }).verdict).toBe('ok');
  expect(judge(withoutControl({ ...input, post })).verdict).toBe('attention');
});

test('traffic that doubles at the control and stays here is lost', () => {
  const { verdict, details } = judge(beside({}, { requests_per_sec: 40 }));
  expect(verdict).toBe('attention');
  expect(details.find(({ metric }) => metric === 'requests_per_sec')?.evidence.expected).toBeCloseTo(40, 0);
});

test('versions that served before are their own before, of latency and errors alone', () => {
  const shock = { latency_p95: 280, error_rate: 0.052 };
  expect(judge(beside(shock, shock, ['1.4'])).verdict).toBe('ok');
  // An old version that drains loses its traffic to the new one: that excuses no loss.
  expect(judge(beside({ requests_per_sec: 2 }, { requests_per_sec: 2 }, ['1.4'])).verdict).not.toBe('ok');
});

test('a control in fewer than half of the samples is none', () => {
  const shock = { latency_p95: 280 };
  const input = beside(shock, shock);
  const post = input.post.map(({ control, ...sample }, index) =>
    index < 2 && control ? { ...sample, control } : sample,
  );
  expect(judge({ ...input, post }).verdict).toBe('attention');
});

describe('without anything read before', () => {
  const alone = (own: Change) => ({ ...beside(own, {}), pre: [], expectedPre: 0 });

  test('the control of the same minutes stands for it, and the summary says so', () => {
    const { verdict, summary } = judge(alone({}));
    expect(verdict).toBe('ok');
    expect(summary).toContain('nothing was read before: compared with the control in the same minutes');
  });

  test('what is worse than the control is found', () => {
    expect(judge(alone({ latency_p95: 400 })).verdict).toBe('attention');
    expect(judge(alone({ error_rate: 0.1 })).verdict).toBe('rollback_recommended');
  });
});
