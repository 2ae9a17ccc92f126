import { quantileOfSorted } from './order-statistics.ts';
import { standardError, type Track } from './track.ts';
import type { Tuning } from './tuning.ts';
import type { RuleName } from './types.ts';

/** What a rule found, on the working scale of its track. The metric failed at strength ≥ 1. */
export interface RuleResult {
  readonly rule: RuleName;
  readonly change: number;
  /** The level that the change was measured at. */
  readonly observed: number;
  readonly limit: number;
  readonly standardError: number;
  /** 95 % interval of the change, where it is not the change ± 1.96 standard errors. */
  readonly interval?: { readonly low: number; readonly high: number };
  readonly strength: number;
  /** More than chance and drift do, whether or not it matters. */
  readonly isCertain?: boolean;
}

/**
 * Did the level move? Median after against the level expected, held against the larger of what matters and
 * `levelZ` standard errors. A robust z test; the median because one spike must not move it, the two limits together
 * because certainty about a trifle is no reason to act, and a large change that chance explains is none either.
 * The lower `breadthQuantile` of the samples must be past what matters too: where readings jump between two values, the
 * median sits on either by luck, and only a real shift empties the lower one.
 */
export function levelShift(track: Track, tuning: Tuning): RuleResult {
  const observed = quantileOfSorted(track.sortedAfter, 0.5);
  const change = observed - track.expected;
  const error = standardError(track, track.independentAfter);
  const limit = Math.max(track.leastChange, tuning.levelZ * track.strictness * error);
  const breadth = (quantileOfSorted(track.sortedAfter, tuning.breadthQuantile) - track.expected) / track.leastChange;
  return {
    rule: 'level_shift',
    change,
    observed,
    limit,
    standardError: error,
    strength: Math.min(change / limit, breadth, clearanceOf(observed, track, tuning)),
    isCertain: change > tuning.certainZ * track.strictness * error,
  };
}

/**
 * A level that the window before visited is no new one: services whose readings flip between two levels all day, or now
 * and then take three times as long, do that without a deployment. The level must stand `visitedClearance` of what
 * matters above what the highest readings before reached, `visitedQuantile` of them.
 */
export function clearanceOf(observed: number, track: Track, tuning: Tuning): number {
  const visited = quantileOfSorted(track.sortedBefore, tuning.visitedQuantile) - track.levelBefore + track.expected;
  return (observed - visited) / (tuning.visitedClearance * track.leastChange);
}
