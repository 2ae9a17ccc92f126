// Measured (bench/verdict/results/ablation.json): alone 9 false alarms on 636 healthy cases, 245 of 381 faults; without it 5 for 9, 351 for 365.

import { standardError, type Track } from '../track.ts';
import type { Tuning } from '../tuning.ts';
import type { RuleResult } from './rule.ts';
import { clearanceOf } from './visited.ts';

/**
 * Is every second sample out of the ordinary? At least half of the samples after (and at least two) must each lie
 * beyond what a single sample may do. This finds faults that come and go, or that a rollout reached half of, where the
 * median or its breadth still looks well; a spike or a cold start of one or two samples stays below half.
 * The limit is a prediction limit for one sample (variance of the sample + of the level before + drift). `repeatedZ`
 * may be as low as 1.6 because one chance in twenty has to happen in half of the samples at once.
 */
export function repeatedExcess(track: Track, tuning: Tuning): RuleResult {
  const count = track.sortedAfter.length;
  const needed = Math.max(2, Math.ceil(count / 2));
  // The smallest of the `needed` largest: if it is beyond the limit, so are all of them.
  const observed = track.sortedAfter[Math.max(0, count - needed)] ?? track.expected;
  const change = observed - track.expected;
  const error = standardError(track, 1);
  const limit = Math.max(track.leastChange, tuning.repeatedZ * track.strictness * error);
  const strength = Math.min(change / limit, clearanceOf(observed, track, tuning));
  return { rule: 'repeated_excess', change, observed, limit, standardError: error, strength };
}
