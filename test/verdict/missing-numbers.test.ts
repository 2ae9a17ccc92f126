import { describe, expect, test } from 'vitest';
import { judge } from '../../src/verdict/judge.ts';
import { METRICS, type Sample } from '../../src/verdict/types.ts';
import { deployment, inputOf, MINUTE_MS, windowOf } from './samples.ts';

const failing = { error_rate: 0.4 };

describe('a number may be missing', () => {
  test('a CPU usage out of range does not hide an error ratio of 40 %', () => {
    const judgement = judge(deployment(15, 5, () => ({ ...failing, cpu_usage: 1.02 })));
    expect(judgement.verdict).toBe('rollback_recommended');
    expect(judgement.summary).toMatch(/^Judged on 4 of 5 metrics, without CPU: error rate rose from 0.2.* % to 40.* %/);
    expect(judgement.details.find((finding) => finding.metric === 'cpu_usage')).toMatchObject({
      severity: 'none',
      reason: 'CPU was not judged: it was out of range after the deployment.',
      evidence: { samplesMissing: { out_of_range: 5 } },
    });
  });

  test('one missing in one sample of six is told and the others are used', () => {
    const judgement = judge(deployment(15, 6, (i) => (i === 2 ? { memory_usage: null } : {})));
    expect(judgement).toMatchObject({ verdict: 'ok', leftOut: [] });
    expect(judgement.summary).toBe('Nothing got worse (memory not measured in 1 sample).');
    expect(judgement.details.find((finding) => finding.metric === 'memory_usage')?.evidence.samplesAfter).toBe(5);
  });

  test('without the number of requests errors and latency are judged as if they were few', () => {
    const unknown = { requests_per_sec: null };
    const over = (values: Partial<Sample>) =>
      judge(
        inputOf(
          windowOf(15, 0, () => unknown),
          windowOf(5, 15 * MINUTE_MS, () => ({ ...unknown, ...values })),
        ),
      );
    expect(over({}).verdict).toBe('ok');
    expect(over(failing).verdict).toBe('rollback_recommended');
    expect(over({ error_rate: 0.01 }).verdict).toBe('ok');
    expect(over({ latency_p95: 2000 }).verdict).toBe('attention');
  });

  test.each(METRICS)('%s alone is judged alone', (metric) => {
    const gone = { error_rate: null, latency_p95: null, requests_per_sec: null, cpu_usage: null, memory_usage: null };
    const only = (sample: Sample): Sample => ({ ...sample, ...gone, [metric]: sample[metric] });
    const { pre, post } = deployment(15, 5);
    const judgement = judge(inputOf(pre.map(only), post.map(only)));
    expect(judgement.verdict).toBe('ok');
    expect(judgement.summary).toMatch(/^Judged on 1 of 5 metrics, without .*: nothing got worse\.$/);
    const judged = judgement.details.filter((finding) => finding.evidence.notJudged === null);
    expect(judged.map((finding) => finding.metric)).toEqual([metric]);
  });

  test('where no metric is in both windows nothing is judged', () => {
    const before = windowOf(15, 0, () => ({ error_rate: null, latency_p95: null, requests_per_sec: null }));
    const after = windowOf(5, 15 * MINUTE_MS, () => ({ cpu_usage: null, memory_usage: null }));
    const judgement = judge(inputOf(before, after));
    expect(judgement).toMatchObject({ verdict: 'insufficient_data', confidence: 0 });
    expect(judgement.summary).toBe('Not judged: none of the five metrics can be judged.');
  });

  test('a counted number of requests goes before the rate', () => {
    const counted = (requests: number) =>
      judge(
        inputOf(
          windowOf(15, 0, () => ({ requests_per_sec: 0.05, requests })),
          windowOf(5, 15 * MINUTE_MS, () => ({ requests_per_sec: 0.05, requests, error_rate: 0.03 })),
        ),
      ).verdict;
    expect(counted(3)).toBe('ok');
    expect(counted(30_000)).toBe('rollback_recommended');
  });
});

describe('readings of one moment', () => {
  const readAt = (times: readonly number[]) =>
    windowOf(times.length, 0).map((sample, i) => ({
      ...sample,
      collectedAtMs: 15 * MINUTE_MS + (times[i] ?? 0) * 1000,
    }));
  const over = (times: readonly number[], intervalMs: number) =>
    judge(inputOf(windowOf(15, 0), readAt(times), { intervalMs, expectedPost: times.length }));

  test('five readings within 4 ms are one, and nothing is judged on it', () => {
    const judgement = over([0, 0.001, 0.002, 0.003, 0.004], MINUTE_MS);
    expect(judgement.verdict).toBe('insufficient_data');
    expect(judgement.leftOut).toMatchObject([{ phase: 'post', reason: 'same_moment', count: 4 }]);
    expect(judgement.summary).toContain('there is 1 usable sample from after the deployment and 3 are needed');
  });

  test('less than half of the interval apart is one moment, half of it is two', () => {
    expect(over([0, 29.9, 59.9], MINUTE_MS).verdict).toBe('insufficient_data');
    expect(over([0, 30, 60], MINUTE_MS).verdict).toBe('ok');
    expect(over([0, 20, 40, 60, 80], MINUTE_MS).leftOut).toMatchObject([{ reason: 'same_moment', count: 2 }]);
  });

  test('five that are 3 s apart by their own interval are five', () => {
    const judgement = over([0, 3, 6, 9, 12], 3000);
    expect(judgement).toMatchObject({ verdict: 'ok', leftOut: [] });
  });

  test('what was not seen lowers the confidence and is said', () => {
    const whole = over([0, 60, 120, 180, 240], MINUTE_MS);
    const blind = over([0, 60, 120, 120.001, 120.002], MINUTE_MS);
    expect(blind.confidence).toBeLessThan(whole.confidence);
    expect(blind.summary).toContain('2 of 5 samples after are missing');
    expect(blind.summary).toContain('2 after (read in the same moment as another)');
  });
});
