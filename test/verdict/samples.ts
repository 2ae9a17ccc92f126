import type { JudgeInput, MetricName, Sample } from '../../src/verdict/types.ts';

/** One sample a minute. */
export const MINUTE_MS = 60_000;

export const QUIET: Readonly<Record<MetricName, number>> = {
  requests_per_sec: 20,
  latency_p95: 180,
  error_rate: 0.002,
  cpu_usage: 0.3,
  memory_usage: 0.5,
};

/** `count` samples from `startMs`, all of them `QUIET` but for what `values` says of sample i. */
export function windowOf(
  count: number,
  startMs: number,
  values: (index: number) => Partial<Sample> = () => ({}),
): Sample[] {
  return Array.from({ length: count }, (_, i) => ({
    collectedAtMs: startMs + i * MINUTE_MS,
    lateSeconds: 0,
    ...QUIET,
    ...values(i),
  }));
}

/** `before` and `after` as the service hands them over when everything came. */
export function inputOf(
  before: readonly Sample[],
  after: readonly Sample[],
  more: Partial<JudgeInput> = {},
): JudgeInput {
  return {
    pre: before,
    post: after,
    expectedPre: before.length,
    expectedPost: after.length,
    collectionEnded: null,
    ...more,
  };
}

/** A quiet window before and one after that follows it, the latter changed. */
export function deployment(
  countBefore: number,
  countAfter: number,
  values: (index: number) => Partial<Sample> = () => ({}),
): JudgeInput {
  return inputOf(windowOf(countBefore, 0), windowOf(countAfter, countBefore * MINUTE_MS, values));
}
