import { describe, expect, test } from 'vitest';
import { judge } from '../../src/verdict/judge.ts';
import type { Judgement, MetricName, Sample } from '../../src/verdict/types.ts';
import { deployment, inputOf, MINUTE_MS, QUIET, windowOf } from './samples.ts';

function finding(judgement: Judgement, metric: MetricName) {
  const found = judgement.details.find((detail) => detail.metric === metric);
  if (found === undefined) throw new Error(`no finding for ${metric}`);
  return found;
}

/** A small tremor around the level, the same in every run. */
const tremor = (i: number) => 1 + 0.02 * ((i % 3) - 1);

describe('the verdict', () => {
  test('a quiet deployment is ok, with all five metrics listed', () => {
    const judgement = judge(deployment(15, 5));
    expect(judgement.verdict).toBe('ok');
    expect(judgement.summary).toBe('Nothing got worse.');
    expect(judgement.details.map((detail) => detail.severity)).toEqual(['none', 'none', 'none', 'none', 'none']);
    expect(judgement.confidence).toBeGreaterThan(0.9);
  });

  test('one metric that got worse asks for attention', () => {
    const judgement = judge(deployment(15, 5, () => ({ cpu_usage: 0.7 })));
    expect(judgement.verdict).toBe('attention');
    expect(finding(judgement, 'cpu_usage').severity).toBe('attention');
  });

  test('two metrics that got worse by themselves recommend a rollback', () => {
    const judgement = judge(deployment(15, 5, () => ({ latency_p95: 400, memory_usage: 0.8 })));
    expect(judgement.verdict).toBe('rollback_recommended');
    expect(judgement.summary).toContain('also worse: memory rose from 50 % to 80 % (+30 points, ×1.6)');
  });

  test.each([
    ['CPU and memory', { cpu_usage: 0.7, memory_usage: 0.8 }],
    ['CPU and traffic', { cpu_usage: 0.7, requests_per_sec: 8 }],
    ['latency and a saturated CPU', { cpu_usage: 0.95, latency_p95: 400 }],
  ])('%s that move together are one cause and ask for attention', (_which, after) => {
    const judgement = judge(deployment(15, 5, () => after));
    expect(judgement.verdict).toBe('attention');
    expect(judgement.details.filter((detail) => detail.severity !== 'none')).toHaveLength(2);
  });

  test('latency and a CPU that has room left are two', () => {
    expect(judge(deployment(15, 5, () => ({ cpu_usage: 0.7, latency_p95: 400 }))).verdict).toBe('rollback_recommended');
  });

  test.each([
    ['errors', 'just below 1 point', { error_rate: QUIET.error_rate + 0.0095 }, 'attention'],
    ['errors', 'just above 1 point', { error_rate: QUIET.error_rate + 0.0105 }, 'rollback_recommended'],
    ['latency', 'just below three times', { latency_p95: 3 * 185 - 6 }, 'attention'],
    ['latency', 'just above three times', { latency_p95: 3 * 185 - 4 }, 'rollback_recommended'],
    ['traffic', 'half', { requests_per_sec: 10 }, 'attention'],
    ['traffic', 'just above a fifth and its noise', { requests_per_sec: 4.7 }, 'attention'],
    ['traffic', 'a fifth and its noise', { requests_per_sec: 4.6 }, 'rollback_recommended'],
  ])('%s by themselves: %s', (_metric, _where, after, verdict) => {
    expect(judge(deployment(15, 15, () => after)).verdict).toBe(verdict);
  });

  test('an improvement is no alarm', () => {
    const better = { latency_p95: 60, error_rate: 0, cpu_usage: 0.1, memory_usage: 0.2, requests_per_sec: 40 };
    expect(judge(deployment(15, 5, () => better)).verdict).toBe('ok');
  });

  test('CPU that grew with the traffic is no alarm, without the traffic it is', () => {
    expect(judge(deployment(15, 5, () => ({ requests_per_sec: 40, cpu_usage: 0.6 }))).verdict).toBe('ok');
    expect(judge(deployment(15, 5, () => ({ cpu_usage: 0.6 }))).verdict).toBe('attention');
  });

  test('a spike, a cold start and a burst of errors in one sample are no alarm', () => {
    expect(judge(deployment(5, 5, (i) => (i === 3 ? { latency_p95: 5000 } : {}))).verdict).toBe('ok');
    expect(judge(deployment(5, 5, (i) => (i === 0 ? { latency_p95: 600 } : {}))).verdict).toBe('ok');
    expect(judge(deployment(5, 5, (i) => (i === 2 ? { error_rate: 0.08 } : {}))).verdict).toBe('ok');
  });

  test('an idle service is not called well: nobody knows how it serves', () => {
    const idle = { requests_per_sec: 0, latency_p95: 0, error_rate: 0 };
    const idleFor = (count: number, startMs: number, more: Partial<Sample> = {}) =>
      windowOf(count, startMs, () => ({ ...idle, ...more }));
    const judgement = judge(inputOf(idleFor(5, 0), idleFor(5, 5 * MINUTE_MS)));
    expect(judgement).toMatchObject({ verdict: 'insufficient_data', confidence: 0 });
    expect(judgement.summary).toBe(
      'Not judged: no request came before or after the deployment, so nothing is known of how it serves.',
    );
    expect(finding(judgement, 'latency_p95').evidence.notJudged).toBe('there was no request before');
    expect(judge(inputOf(idleFor(5, 0), idleFor(5, 5 * MINUTE_MS, { cpu_usage: 0.8 }))).verdict).toBe('attention');
  });

  test('a fifth of failing requests before and after, at three a minute, is no alarm', () => {
    const failing = { requests_per_sec: 0.05, error_rate: 0.2 };
    const input = inputOf(
      windowOf(5, 0, () => failing),
      windowOf(5, 5 * MINUTE_MS, () => failing),
    );
    expect(judge(input).verdict).toBe('ok');
  });

  test('errors that appear where none were are seen although each sample holds few', () => {
    const clean = windowOf(5, 0, () => ({ requests_per_sec: 1, error_rate: 0 }));
    const failing = windowOf(5, 5 * MINUTE_MS, () => ({ requests_per_sec: 1, error_rate: 0.05 }));
    expect(judge(inputOf(clean, failing)).verdict).toBe('rollback_recommended');
  });
});

describe('what a finding rests on', () => {
  test('it carries levels, change, interval, limit and a sentence with the numbers', () => {
    const judgement = judge(deployment(15, 5, (i) => ({ latency_p95: 604 * tremor(i) })));
    const latency = finding(judgement, 'latency_p95');
    expect(latency).toMatchObject({ baseline: 180, unit: 'ms', severity: 'critical' });
    expect(latency.observed).toBeCloseTo(604, 0);
    expect(latency.evidence.change).toBeCloseTo(424, 0);
    expect(latency.evidence.interval?.low).toBeLessThan(424);
    expect(latency.evidence.interval?.high).toBeGreaterThan(424);
    expect(latency.evidence.limit).toBeLessThan(100);
    expect(latency.evidence).toMatchObject({
      rule: 'level_shift',
      samplesBefore: 15,
      samplesAfter: 5,
      notJudged: null,
    });
    expect(latency.reason).toMatch(
      /^p95 latency rose from 180 ms to 604 ms \(\+424 ms, ×3\.4\); 5 of 5 samples above \d+ ms, 95 % interval of the change \d+ ms to \d+ ms\.$/,
    );
  });

  test('a leak is told as one, a restart that refills is not', () => {
    const leaking = judge(deployment(15, 15, (i) => ({ memory_usage: 0.5 + 0.008 * (i + 1) })));
    expect(finding(leaking, 'memory_usage').reason).toContain('climbed steadily');
    const refilling = judge(deployment(15, 15, (i) => ({ memory_usage: 0.3 + 0.013 * (i + 1) })));
    expect(refilling.verdict).toBe('ok');
  });

  test('a fault that begins in the second half of the window is found there', () => {
    const judgement = judge(deployment(15, 15, (i) => (i >= 8 ? { latency_p95: 400 * tremor(i) } : {})));
    expect(finding(judgement, 'latency_p95').evidence.rule).toBe('late_shift');
    expect(finding(judgement, 'latency_p95').reason).toContain('in its last half');
  });

  test('a fault in every second sample is found', () => {
    const judgement = judge(deployment(15, 6, (i) => (i % 2 === 0 ? { latency_p95: 900 } : {})));
    expect(finding(judgement, 'latency_p95').evidence.rule).toBe('repeated_excess');
  });

  test('a fault in every third sample is not', () => {
    expect(judge(deployment(15, 6, (i) => (i % 3 === 0 ? { latency_p95: 900 } : {}))).verdict).toBe('ok');
  });
});

test('a failed pipeline is said and changes nothing else', () => {
  const input = deployment(15, 5);
  const failed = judge({ ...input, pipelineFailed: true });
  expect(failed.summary).toBe('Nothing got worse (the pipeline failed, which says nothing about the metrics).');
  expect({ ...failed, summary: '' }).toEqual({ ...judge(input), summary: '' });
});

describe('limits of the project', () => {
  test('a lower limit reports what the default lets pass', () => {
    const input = deployment(15, 15, () => ({ memory_usage: 0.555 }));
    expect(judge(input).verdict).toBe('ok');
    expect(judge({ ...input, limits: { memoryRise: 0.05 } }).verdict).toBe('attention');
  });

  test('a higher limit lets pass what the default reports', () => {
    const input = deployment(15, 5, () => ({ error_rate: 0.022 }));
    expect(judge(input).verdict).toBe('rollback_recommended');
    expect(judge({ ...input, limits: { errorRise: 0.03 } }).verdict).toBe('ok');
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('a limit of %s counts as not given', (memoryRise) => {
    const input = deployment(15, 15, () => ({ memory_usage: 0.555 }));
    expect(judge({ ...input, limits: { memoryRise } })).toEqual(judge(input));
  });
});

describe('missing, late and overlapping samples', () => {
  test('two samples after are insufficient data, three are enough', () => {
    const two = judge({ ...deployment(15, 2), expectedPost: 5 });
    expect(two).toMatchObject({ verdict: 'insufficient_data', confidence: 0 });
    expect(two.summary).toBe(
      'Not judged: there are 2 usable samples from after the deployment and 3 are needed (3 of 5 samples after are missing).',
    );
    expect(judge({ ...deployment(15, 3), expectedPost: 5 }).verdict).toBe('ok');
  });

  test('no sample before is insufficient data, and the reason why collecting ended is told', () => {
    const judgement = judge({
      ...deployment(0, 5),
      expectedPre: 5,
      collectionEnded: 'the endpoint refused the signature',
    });
    expect(judgement.verdict).toBe('insufficient_data');
    expect(judgement.summary).toContain('the endpoint refused the signature');
    expect(judgement.details.every((detail) => detail.baseline === null && detail.severity === 'none')).toBe(true);
  });

  test('missing samples lower the confidence and are said', () => {
    const full = judge(deployment(15, 5));
    const gappy = judge({ ...deployment(15, 5), expectedPost: 15 });
    expect(gappy.confidence).toBeLessThan(full.confidence);
    expect(gappy.summary).toBe('Nothing got worse (10 of 15 samples after are missing).');
  });

  test('five readings five seconds apart convince less than five a minute apart', () => {
    const minutes = judge(
      inputOf(
        windowOf(5, 0),
        windowOf(5, 5 * MINUTE_MS, () => ({ latency_p95: 260 })),
      ),
    );
    const seconds = windowOf(5, 0).map((sample, i) => ({ ...sample, collectedAtMs: i * 5000 }));
    const close = judge(
      inputOf(
        seconds,
        windowOf(5, 5 * MINUTE_MS, () => ({ latency_p95: 260 })),
      ),
    );
    const interval = (judgement: Judgement) => finding(judgement, 'latency_p95').evidence.interval;
    const width = (judgement: Judgement) => (interval(judgement)?.high ?? 0) - (interval(judgement)?.low ?? 0);
    expect(width(close)).toBeGreaterThan(width(minutes));
  });
});

test('the evidence says which samples a metric rests on: those without a request say nothing of latency and errors', () => {
  const judgement = judge(deployment(10, 6, (i) => (i < 2 ? { requests_per_sec: 0, latency_p95: 0 } : {})));
  const used = (metric: string) => {
    const evidence = judgement.details.find((finding) => finding.metric === metric)?.evidence;
    return [evidence?.samplesBefore, evidence?.samplesAfter, evidence?.samplesWithoutRequests];
  };
  expect(used('latency_p95')).toEqual([10, 4, 2]);
  expect(used('error_rate')).toEqual([10, 4, 2]);
  expect(used('cpu_usage')).toEqual([10, 6, 0]);
});
