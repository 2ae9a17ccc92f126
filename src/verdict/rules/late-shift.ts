// Measured (bench/verdict/results/ablation.json): alone 2 false alarms on 636 healthy cases, 178 of 381 faults; without it 9 for 9, 364 for 365.

import { median, medianOfLargest } from '../order-statistics.ts';
import { standardError, type Track } from '../track.ts';
import type { Tuning } from '../tuning.ts';
import type { RuleResult } from './rule.ts';

/**
 * Did it get worse in the course of the window? The same comparison for the last half of the samples after: caches that
 * fill, queues that build up, a leak that bites late. The half is picked with hindsight, hence the stricter `lateZ`.
 * It must also stand half of what matters above the median of the upper half of the window before. No half of a window
 * has a higher median than its upper half, so two windows of the same values never differ, whatever their order.
 */
export function lateShift(track: Track, tuning: Tuning): RuleResult {
  const half = halfOf(track.after.length);
  const observed = median(track.after.slice(-half));
  const change = observed - track.expected;
  const error = standardError(track, (track.independentAfter * half) / track.after.length);
  const limit = Math.max(track.leastChange, tuning.lateZ * track.strictness * error);
  const upperHalf = medianOfLargest(track.sortedBefore, halfOf(track.sortedBefore.length));
  const upperBefore = upperHalf - track.levelBefore + track.expected;
  const clearance = (observed - upperBefore) / (0.5 * track.leastChange);
  return {
    rule: 'late_shift',
    change,
    observed,
    limit,
    standardError: error,
    strength: Math.min(change / limit, clearance),
  };
}

function halfOf(count: number): number {
  return Math.max(2, Math.ceil(count / 2));
}
