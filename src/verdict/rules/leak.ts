// Measured (bench/verdict/results/ablation.json): alone 0 false alarms on 636 healthy cases, 31 of 381 faults; without it 9 for 9, 359 for 365.

import { median, medianOfLargest } from '../order-statistics.ts';
import { standardError, type Track } from '../track.ts';
import type { Tuning } from '../tuning.ts';
import { isRefill } from './refill.ts';
import type { RuleResult } from './rule.ts';

/** The end of a climb must stand this share of it above the level before; a process that refills after a restart does not. */
const CLEARANCE_SHARE = 2 / 3;

/**
 * Does it climb steadily? For memory: the rise over the window by the median of all pairwise slopes (Theil 1950,
 * Sen 1968; up to 29 % of outliers do not move it), with most of the steps going up, and the last third of
 * the window above nearly all that was seen before. A restart empties memory and lets it grow again: that climbs
 * too, but ends where it was. Against the upper third of the window before, so that two windows of the same climb do not differ.
 */
export function leak(track: Track, tuning: Tuning): RuleResult {
  const values = track.after;
  const count = values.length;
  const error = standardError(track, track.independentAfter);
  const observed = median(values.slice(-thirdOf(count)));
  const limit = track.leastChange;
  // With three samples two steps decide, and they both go up once in six by chance.
  if (count < 4) return { rule: 'leak', change: 0, observed, limit, standardError: error, strength: 0 };
  const slopes: number[] = [];
  let upward = 0;
  for (let i = 0; i < count; i++) {
    const from = values[i] ?? 0;
    if ((values[i + 1] ?? from) > from) upward++;
    for (let j = i + 1; j < count; j++) slopes.push(((values[j] ?? 0) - from) / (j - i));
  }
  const rise = median(slopes) * (count - 1) - track.climbBefore;
  const end = observed - medianOfLargest(track.sortedBefore, thirdOf(track.sortedBefore.length));
  const strength = Math.min(
    rise / limit,
    end / (CLEARANCE_SHARE * limit),
    upward / (count - 1) / tuning.leakUpwardShare,
  );
  const rule = isRefill(values, track.levelBefore) ? 'refill' : 'leak';
  return { rule, change: rise, observed, limit, standardError: error, strength };
}

function thirdOf(count: number): number {
  return Math.max(2, Math.ceil(count / 3));
}
