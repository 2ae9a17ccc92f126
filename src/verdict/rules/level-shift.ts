// Measured (bench/verdict/results/ablation.json): alone 5 false alarms on 636 healthy cases, 220 of 381 faults; without it 9 for 9, 364 for 365.

import { quantileOfSorted } from '../order-statistics.ts';
import { standardError, type Track } from '../track.ts';
import type { Tuning } from '../tuning.ts';
import type { RuleResult } from './rule.ts';
import { clearanceOf } from './visited.ts';

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
