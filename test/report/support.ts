import { showVerdict } from '../../src/http/views.ts';
import { numbersOf } from '../../src/model/sample.ts';
import type { ReportedDeployment, ReportedSample, ReportedVerdict } from '../../src/report/wire.ts';
import { judge } from '../../src/verdict/judge.ts';
import { METRICS, type MetricName, type Sample } from '../../src/verdict/types.ts';

const MINUTE_MS = 60_000;
export const TRIGGERED_MS = Date.parse('2026-11-28T09:40:00Z');
export const FINISHED_MS = Date.parse('2026-11-28T09:41:35Z');
export const NOW_MS = Date.parse('2026-11-28T10:01:40Z');

/** Levels before, and what the deployment makes of them. */
export type Levels = Readonly<Record<MetricName, readonly [before: number, after: number]>>;

export const STEADY: Levels = {
  error_rate: [0.004, 0.004],
  latency_p95: [182, 182],
  requests_per_sec: [42.4, 43.4],
  cpu_usage: [0.314, 0.32],
  memory_usage: [0.52, 0.518],
};

export const WORSE: Levels = { ...STEADY, error_rate: [0.004, 0.0211], latency_p95: [182, 583] };

/** Noise of a few per cent that is the same in every run. */
function wobble(index: number, metric: MetricName): number {
  return 1 + 0.04 * Math.sin((index + 1) * (METRICS.indexOf(metric) + 2) * 1.7);
}

function sampleAt(atMs: number, index: number, levels: Levels, side: 0 | 1): Sample {
  const numbers = Object.fromEntries(METRICS.map((name) => [name, levels[name][side] * wobble(index, name)]));
  return { collectedAtMs: atMs, lateSeconds: 0, ...(numbers as Record<MetricName, number>) };
}

export interface Made {
  readonly deployment: ReportedDeployment;
  readonly samples: readonly ReportedSample[];
}

/** A deployment with 15 readings before, one a minute, and `after` of five (or as many as `window`) after, judged. */
export function madeDeployment(
  levels: Levels,
  { after = 5, window = 5, more = {} }: { after?: number; window?: number; more?: Partial<ReportedDeployment> } = {},
): Made {
  const pre = Array.from({ length: 15 }, (_, i) =>
    sampleAt(TRIGGERED_MS - (15 - i) * MINUTE_MS + 30_000, i, levels, 0),
  );
  const post = Array.from({ length: after }, (_, i) => sampleAt(FINISHED_MS + i * MINUTE_MS, i + 15, levels, 1));
  const judgement = judge({ pre, post, expectedPre: 15, expectedPost: window, collectionEnded: null });
  const iso = (atMs: number) => new Date(atMs).toISOString();
  const untilMs = FINISHED_MS + window * MINUTE_MS;
  const deployment: ReportedDeployment = {
    id: '0198f2c4-6f1b-7d3a-9a51-3c5b7d20e1aa',
    number: 128,
    project: 'checkout',
    env: 'prod',
    branch: 'release/2.41',
    version: '2.41.2',
    commit_sha: 'c6ef3628a1b2c3d4e5f60718293a4b5c6d7e8f90',
    build_url: 'https://ci.example.com/build/48213',
    actor: 'ci-deploy',
    service: null,
    state: 'analyzed',
    pipeline_result: 'success',
    pipeline_outcome: 'success',
    started_at: iso(TRIGGERED_MS),
    finished_at: iso(FINISHED_MS),
    analyzed_at: iso(untilMs + 1_400),
    observed_until: iso(untilMs),
    verdict_due_at: null,
    superseded_by: null,
    samples: { before: { expected: 15, collected: 15 }, after: { expected: window, collected: after } },
    verdict: showVerdict({ ...judgement, hints: [] }, { kind: 'project' }) as ReportedVerdict,
    feedback: null,
    ...more,
  };
  const shown = (phase: 'pre' | 'post') => (sample: Sample) => ({
    phase,
    collected_at: iso(sample.collectedAtMs),
    ...numbersOf(sample),
  });
  return { deployment, samples: [...pre.map(shown('pre')), ...post.map(shown('post'))] };
}
