import type { SampleCounts } from './measured.ts';
import type { RuleResult } from './rule-level-shift.ts';
import type { Evidence, MetricName } from './types.ts';

/** What the rules say of one metric, back in its own unit; numbers only, the words come later. */
export interface Assessment {
  readonly metric: MetricName;
  readonly baseline: number | null;
  readonly observed: number | null;
  readonly evidence: Evidence;
  /** Bad enough to recommend a rollback by itself, should it have failed. */
  readonly grave: boolean;
}

/** Which way is bad. */
const WORSE: Record<MetricName, 1 | -1> = {
  error_rate: 1,
  latency_p95: 1,
  requests_per_sec: -1,
  cpu_usage: 1,
  memory_usage: 1,
};

/** Two-sided 95 % of a normal distribution. */
const Z95 = 1.96;

/** A number that can be stored and shown: what overflowed is the largest there is, and nothing is NaN. */
export function finite(value: number): number {
  if (Number.isNaN(value)) return 0;
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
}

/** The metric could not be judged, and why. Levels are given where they are known. */
export function notJudged(
  metric: MetricName,
  why: string,
  seen: { baseline: number | null; observed: number | null; counts: SampleCounts },
): Assessment {
  return {
    metric,
    baseline: seen.baseline,
    observed: seen.observed,
    grave: false,
    evidence: {
      rule: null,
      change: null,
      interval: null,
      limit: null,
      threshold: null,
      samplesBeyond: null,
      strength: null,
      ...seen.counts,
      notJudged: why,
    },
  };
}

export interface JudgedInput {
  readonly metric: MetricName;
  readonly baseline: number;
  readonly results: readonly [RuleResult, ...RuleResult[]];
  /** Level after in the metric's unit, from the working scale. */
  readonly toLevel: (working: number) => number;
  /** A change for the worse on the working scale, in the metric's unit. */
  readonly toChange: (working: number) => number;
  readonly counts: SampleCounts;
  /** The metric's numbers after, in its unit. */
  readonly values: readonly number[];
  readonly grave: boolean;
}

/**
 * Rules are alternatives: the metric is as suspect as its loudest rule says. It is explained by the first rule of the
 * list that failed, because a plain shift of the level is also a late shift, and is better told as the former.
 */
export function judged(input: JudgedInput): Assessment {
  let loudest = input.results[0];
  for (const result of input.results) if (result.strength > loudest.strength) loudest = result;
  const told = input.results.find((result) => result.strength >= 1) ?? loudest;
  const margin = Z95 * told.standardError;
  const observed = finite(input.toLevel(told.observed));
  const change = finite(input.toChange(told.change));
  const limit = finite(input.toChange(told.limit));
  // From the level that was expected, which for CPU is not the baseline but what the traffic explains.
  const threshold = finite(observed + WORSE[input.metric] * (limit - change));
  return {
    metric: input.metric,
    baseline: input.baseline,
    observed,
    grave: input.grave,
    evidence: {
      rule: told.rule,
      change,
      interval: {
        low: finite(input.toChange(told.change - margin)),
        high: finite(input.toChange(told.change + margin)),
      },
      limit,
      threshold,
      samplesBeyond: input.values.filter((value) => WORSE[input.metric] * (value - threshold) > 0).length,
      strength: finite(loudest.strength),
      ...input.counts,
      notJudged: null,
    },
  };
}
