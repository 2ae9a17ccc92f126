import type { SampleCounts } from './measured.ts';
import type { RuleResult } from './rules/rule.ts';
import type { Evidence, Judged, Measure, MetricName, Quantity, StandIn } from './types.ts';

/** What the rules say of one metric, back in its own unit; numbers only, the words come later. */
export interface Assessment {
  readonly metric: Judged;
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

const worseOf = (measure: Judged): 1 | -1 =>
  typeof measure === 'string' ? WORSE[measure] : measure.worse === 'down' ? -1 : 1;

/** What a level can be at most: no sample lies beyond a threshold there. */
export const mostOf = (measure: Measure): number =>
  typeof measure === 'string' ? MAX_LEVEL[measure] : measure.kind === 'share' ? 1 : Number.MAX_VALUE;

/** Two-sided 95 % of a normal distribution. */
const Z95 = 1.96;

/** A number that can be stored and shown: what overflowed is the largest there is, and nothing is NaN. */
export function finite(value: number): number {
  if (Number.isNaN(value)) return 0;
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
}

/** The metric could not be judged, and why. Levels are given where they are known. */
export function notJudged(
  metric: Judged,
  why: string,
  seen: { baseline: number | null; observed: number | null; counts: SampleCounts },
): Assessment {
  return {
    metric,
    baseline: seen.baseline === null ? null : finite(seen.baseline),
    observed: seen.observed === null ? null : finite(seen.observed),
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
  readonly metric: Judged;
  readonly baseline: number;
  /** Level expected after in the metric's unit, where that is not the baseline. */
  readonly expected?: number;
  readonly results: readonly [RuleResult, ...RuleResult[]];
  /** Level after in the metric's unit, from the working scale. */
  readonly toLevel: (working: number) => number;
  /** A change for the worse on the working scale, in the metric's unit. */
  readonly toChange: (working: number) => number;
  readonly counts: SampleCounts;
  /** The metric's numbers after, in its unit. */
  readonly values: readonly number[];
  readonly grave: boolean;
  /** What these numbers are of, where not the metric's own. */
  readonly judgedBy?: StandIn;
  /** What else explains a failure, as one clause. */
  readonly alternative?: string | null;
}

/** A climb that gets slower, from below the old level. */
const REFILLS = 'a cache that fills does that too';

/** What a level can be at most. */
export const MAX_LEVEL: Record<Quantity, number> = {
  error_rate: 1,
  latency_p95: Number.MAX_VALUE,
  requests_per_sec: Number.MAX_VALUE,
  cpu_usage: 1,
  memory_usage: 1,
  latency_mean: Number.MAX_VALUE,
  cpu_cores: Number.MAX_VALUE,
};
/** An expected level nearer to the baseline than this share of it is not worth a word. */
const NOTABLE = 0.05;

/** As it stands in the evidence: absent where it is about the baseline. */
export function expectedAt(expected: number, baseline: number): { readonly expected?: number } {
  return Math.abs(expected - baseline) > NOTABLE * baseline ? { expected: finite(expected) } : {};
}

/**
 * Rules are alternatives: the metric is as suspect as its loudest rule says. It is explained by the first rule of the
 * list that failed, because a plain shift of the level is also a late shift, and is better told as the former.
 */
export function judged(input: JudgedInput): Assessment {
  const loudest = input.results.reduce((most, result) => (result.strength > most.strength ? result : most));
  const told =
    input.results.find((result) => result.strength >= 1) ??
    input.results.find((result) => result.isCertain === true) ??
    loudest;
  const margin = Z95 * told.standardError;
  const worse = worseOf(input.metric);
  const observed = finite(input.toLevel(told.observed));
  const change = finite(input.toChange(told.change));
  const limit = finite(input.toChange(told.limit));
  // From the level that was expected, which is not the baseline where traffic, a ramp or a plan explains another one.
  const expected = input.expected ?? input.baseline;
  const most = mostOf(input.judgedBy ?? input.metric);
  const threshold = finite(Math.max(0, Math.min(most, observed + worse * (limit - change))));
  // A change can't lead below 0 or, for a share, above 1.
  const [best, worst] = worse > 0 ? [-expected, most - expected] : [expected - most, expected];
  const within = (value: number) => finite(Math.max(best, Math.min(worst, input.toChange(value))));
  const hasFailed = loudest.strength >= 1;
  const alternative = input.grave ? null : told.rule === 'refill' ? REFILLS : (input.alternative ?? null);
  const isSmall = !hasFailed && told.change > 0 && (told.isCertain ?? false);
  return {
    metric: input.metric,
    baseline: finite(input.baseline),
    observed,
    grave: input.grave,
    evidence: {
      rule: told.rule,
      change,
      interval: {
        low: Math.min(change, within(told.interval?.low ?? told.change - margin)),
        high: Math.max(change, within(told.interval?.high ?? told.change + margin)),
      },
      limit,
      threshold,
      samplesBeyond: input.values.filter((value) => worse * (value - threshold) > 0).length,
      strength: finite(loudest.strength),
      ...input.counts,
      ...expectedAt(expected, input.baseline),
      ...(input.judgedBy === undefined ? {} : { judgedBy: input.judgedBy }),
      ...(isSmall ? { isSmall } : {}),
      ...(hasFailed && alternative !== null ? { alternative } : {}),
      notJudged: null,
    },
  };
}
