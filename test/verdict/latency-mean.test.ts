import { describe, expect, test } from 'vitest';
import { hintsOf } from '../../src/verdict/hints.ts';
import { judge } from '../../src/verdict/judge.ts';
import type { JudgeInput, Sample } from '../../src/verdict/types.ts';
import { inputOf, MINUTE_MS, windowOf } from './samples.ts';

type Latency = Pick<Sample, 'latency_p95'> & Partial<Pick<Sample, 'latencyMean' | 'latencyBucket'>>;

const COARSE = { low: 100, high: 250 };

/** 15 minutes before and 5 after; every reading wobbles a little, as real ones do. */
function deployed(before: Latency, after: Latency, more: Partial<Sample> = {}): JudgeInput {
  const wobbling =
    ({ latencyMean, ...latency }: Latency) =>
    (index: number) => ({
      ...latency,
      ...(latencyMean === undefined ? {} : { latencyMean: latencyMean * (1 + 0.01 * Math.sin(index * 2)) }),
      ...more,
    });
  return inputOf(windowOf(15, 0, wobbling(before)), windowOf(5, 15 * MINUTE_MS, wobbling(after)));
}

function latencyOf(input: JudgeInput) {
  const judgement = judge(input);
  const finding = judgement.details.find(({ metric }) => metric === 'latency_p95');
  if (finding === undefined) throw new Error('no finding');
  return { judgement, finding, evidence: finding.evidence };
}

const INSIDE_BEFORE = { latency_p95: 242.5, latencyMean: 65, latencyBucket: COARSE };
const INSIDE_AFTER = { ...INSIDE_BEFORE, latencyMean: 108 };
/** Requests of 97 ms and of 104 ms: over the edge at 100 ms the reading jumps by half. */
const BELOW_EDGE = { latency_p95: 98.8, latencyMean: 55, latencyBucket: { low: 75, high: 100 } };
const ABOVE_EDGE = { latency_p95: 152, latencyMean: 57, latencyBucket: COARSE };

describe('a p95 that its buckets blind', () => {
  test('from 120 to 200 ms inside one bucket is found by the mean, and told so', () => {
    const { judgement, finding, evidence } = latencyOf(deployed(INSIDE_BEFORE, INSIDE_AFTER));
    expect(judgement.verdict).toBe('attention');
    expect(evidence).toMatchObject({ judgedBy: 'latency_mean', resolution: { low: 100, high: 250, isBlind: true } });
    expect(finding.baseline).toBeCloseTo(65, 0);
    expect(finding.observed).toBeCloseTo(108, 0);
    expect(finding.unit).toBe('ms');
    expect(finding.reason).toMatch(/^Mean latency rose from 65 ms to 108 ms \(\+43 ms, ×1\.7\); 5 of 5 samples above/);
    expect(finding.reason).toMatch(/judged by the mean, for p95 here can't tell 100 from 250 ms\.$/);
    expect(evidence.readP95).toEqual({ before: 242.5, after: 242.5 });
    expect(judgement.summary).toContain("latency judged by the mean, for p95 here can't tell 100 from 250 ms");
  });

  test('without the mean it stays unseen, and the ok says what it could not tell', () => {
    const { latencyMean: _, ...before } = INSIDE_BEFORE;
    const { judgement, evidence } = latencyOf(deployed(before, before));
    expect(judgement.verdict).toBe('ok');
    expect(evidence).toMatchObject({ resolution: { low: 100, high: 250, isBlind: true } });
    expect(evidence.judgedBy).toBeUndefined();
    expect(judgement.summary).toContain("p95 here can't tell 100 from 250 ms, and no mean is known");
  });

  test('a jump over one edge with a mean that stood still is no alarm, and one without edges is', () => {
    const { judgement, finding } = latencyOf(deployed(BELOW_EDGE, ABOVE_EDGE));
    expect(judgement.verdict).toBe('ok');
    expect(finding.reason).toMatch(/^Mean latency: 55\.?\d* ms before, 57\.?\d* ms after; a rise counts from/);
    const bare = ({ latency_p95 }: Latency) => ({ latency_p95 });
    expect(judge(deployed(bare(BELOW_EDGE), bare(ABOVE_EDGE))).verdict).toBe('attention');
  });

  test('a jump over one edge with a mean that went most of the way is one: a tail that grows', () => {
    const { judgement, finding } = latencyOf(deployed(BELOW_EDGE, { ...ABOVE_EDGE, latencyMean: 72 }));
    expect(judgement.verdict).toBe('attention');
    expect(finding.reason).toMatch(/^p95 latency rose from 99 ms to 152 ms/);
    expect(finding.reason).toMatch(/p95 here can't tell 100 from 250 ms, and the mean rose too\.$/);
  });

  test('half of the samples over an edge, the mean still: no alarm either', () => {
    const before = windowOf(15, 0, () => BELOW_EDGE);
    const after = windowOf(5, 15 * MINUTE_MS, (index) => (index % 2 === 0 ? ABOVE_EDGE : BELOW_EDGE));
    expect(judge(inputOf(before, after)).verdict).toBe('ok');
  });

  test('over two edges with what matters between them p95 is judged, whatever the mean says', () => {
    const { evidence, judgement } = latencyOf(
      deployed(BELOW_EDGE, { latency_p95: 300, latencyMean: 56, latencyBucket: { low: 250, high: 500 } }),
    );
    expect(judgement.verdict).toBe('attention');
    expect(evidence.judgedBy).toBeUndefined();
    expect(evidence.resolution).toEqual({ low: 250, high: 500, isBlind: false });
  });

  test('beyond the last edge every reading is that edge: the mean tells, and the sentence says above what', () => {
    const stuck = { latency_p95: 10_000, latencyMean: 3_000 };
    const { finding, evidence, judgement } = latencyOf(deployed(stuck, { ...stuck, latencyMean: 6_000 }));
    expect(judgement.verdict).toBe('attention');
    expect(evidence.resolution).toEqual({ low: 10_000, high: null, isBlind: true });
    expect(finding.reason).toContain("p95 here can't tell anything above 10000 ms");
  });

  test('a mean that tripled is as grave as a p95 that did', () => {
    expect(judge(deployed(INSIDE_BEFORE, { ...INSIDE_BEFORE, latencyMean: 220 })).verdict).toBe('rollback_recommended');
  });

  test('a mean that is only known of a few samples is none', () => {
    const { latencyMean: _, ...without } = INSIDE_BEFORE;
    const before = windowOf(15, 0, (index) => (index < 4 ? INSIDE_BEFORE : without));
    const after = windowOf(5, 15 * MINUTE_MS, () => INSIDE_AFTER);
    expect(latencyOf(inputOf(before, after)).evidence.judgedBy).toBeUndefined();
  });

  test('hints tell since when the mean was beyond, by its own numbers', () => {
    const before = windowOf(15, 0, () => INSIDE_BEFORE);
    const after = windowOf(5, 15 * MINUTE_MS, (index) => (index === 0 ? INSIDE_BEFORE : INSIDE_AFTER));
    const input = inputOf(before, after);
    const [first] = hintsOf(judge(input), input, { finishedAtMs: null, failedReads: null, traceId: null });
    expect(first?.text).toMatch(
      /^Mean latency \(above \d+(\.\d+)? ms\) moved first, from 00:16 UTC on, with sample 2 of 5/,
    );
  });
});

test('fine buckets are told, and p95 is judged', () => {
  const { evidence, judgement } = latencyOf(
    deployed(
      { latency_p95: 121, latencyMean: 65, latencyBucket: { low: 118, high: 123 } },
      { latency_p95: 200, latencyMean: 66, latencyBucket: { low: 197, high: 205 } },
    ),
  );
  expect(judgement.verdict).toBe('attention');
  expect(evidence.judgedBy).toBeUndefined();
  expect(evidence.resolution).toEqual({ low: 118, high: 123, isBlind: false });
});

test('of numbers that an application serves itself nothing of this is said', () => {
  const { evidence } = latencyOf(deployed({ latency_p95: 120 }, { latency_p95: 200 }));
  for (const name of ['judgedBy', 'resolution', 'readP95', 'meanRose']) expect(evidence).not.toHaveProperty(name);
});

describe('CPU in cores, without a limit', () => {
  const cores = (before: number, after: number, more: (side: 0 | 1) => Partial<Sample> = () => ({})) => {
    const side = (count: number, startMs: number, cpuCores: number, which: 0 | 1) =>
      windowOf(count, startMs, (index) => ({
        cpu_usage: null,
        missing: { cpu_usage: 'not_measured' as const },
        cpuCores: cpuCores * (1 + 0.02 * Math.sin(index * 2)),
        ...more(which),
      }));
    return inputOf(side(15, 0, before, 0), side(5, 15 * MINUTE_MS, after, 1));
  };
  const cpuOf = (input: JudgeInput) => judge(input).details.find(({ metric }) => metric === 'cpu_usage');

  test('that double are an alarm, in cores, and the sentence says what was judged', () => {
    const found = cpuOf(cores(2, 4.2));
    expect(found).toMatchObject({ severity: 'attention', unit: 'cores', evidence: { judgedBy: 'cpu_cores' } });
    expect(found?.observed).toBeGreaterThan(4);
    expect(found?.reason).toMatch(/^CPU rose from 2\.0\d cores to 4\.2\d cores/);
    expect(found?.reason).toMatch(/in cores, by the relative change: no limit is set that they could be a share of\.$/);
  });

  test('more by less than half as much again is none, and neither is .01 to .02 cores', () => {
    expect(cpuOf(cores(2, 2.8))?.severity).toBe('none');
    expect(cpuOf(cores(0.01, 0.02))?.severity).toBe('none');
  });

  test('that grow with traffic are none', () => {
    expect(cpuOf(cores(2, 4.2, (side) => ({ requests_per_sec: side === 0 ? 20 : 44 })))?.severity).toBe('none');
  });

  test('are two causes with latency: how busy two cores are nobody knows', () => {
    const both = cores(2, 4.2, (side) => ({ latency_p95: side === 0 ? 100 : 180 }));
    expect(judge(both).verdict).toBe('rollback_recommended');
  });
});
