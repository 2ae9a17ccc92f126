// Measured (bench/verdict/results/ablation.json): alone 0 false alarms on 636 healthy cases, 126 of 381 faults; without it 9 for 9, 328 for 365.

import type { Window } from '../admit.ts';
import { capped, countOf, type ErrorCount, type Minute, minutesOf } from '../error-counts.ts';
import { chanceOfAtLeast, expectedRatio, ratioVariance, updated } from '../error-prior.ts';
import type { Tuning } from '../tuning.ts';
import { shareOf } from '../wilson.ts';
import { growthStrength } from './error-growth.ts';
import { isHeard, type RuleResult } from './rule.ts';

/** Without its worst sample the rise must still be this share of what matters. */
const WITHOUT_WORST_SHARE = 0.5;

/** Two-sided 95 % of a normal distribution. */
const Z95 = 1.96;

export interface ErrorRise extends RuleResult {
  readonly before: ErrorCount;
  readonly after: ErrorCount;
}

/**
 * 95 % interval of a difference of shares by the distances of each side's own interval (Newcombe 1998, method 10): Wilson's
 * for the requests after, that of the belief for those before. Symmetric ones go through zero where failures are few.
 */
function intervalOf(
  change: number,
  after: ErrorCount,
  expected: number,
  sdBefore: number,
): { low: number; high: number } {
  const wilson = shareOf(after.failed, after.requests) ?? { low: 0, high: 1 };
  const below = Math.max(0, after.ratio - wilson.low);
  const above = Math.max(0, wilson.high - after.ratio);
  const known = Z95 * sdBefore;
  return {
    low: change - Math.sqrt(below ** 2 + known ** 2),
    high: change + Math.sqrt(above ** 2 + Math.min(known, expected) ** 2),
  };
}

/**
 * Do more requests fail? Errors are counts, ratio × requests: 1 of 3 and 100 of 300 are not the same evidence, and
 * rank tests over ratios do not see the difference. What is known of the service before (error-prior.ts) foretells how
 * many failures the requests after would bring if nothing had changed, whatever its habitual ratio is. The metric fails when
 * - so many failures or more had a chance of at most `errorChance`;
 * - the ratio rose by what matters, and by `errorDriftZ` times the drift that grows with the level (`errorDriftShare`):
 *   a service that fails one request in five wanders by points;
 * - the rise is counted from the ratio really seen where that is above the expected one: equal ratios never alarm;
 * - `errorBreadth` of the samples with requests stand above the ratio before, and without the worst one the
 *   rise is still half of what matters: one burst is an incident, not a release.
 *
 * Both windows hold only samples with an error ratio. Null when no request was seen after. `leastRise` is a share of requests, 0..1.
 */
export function errorRise(before: Window, after: Window, leastRise: number, tuning: Tuning): ErrorRise | null {
  const minutesAfter = minutesOf(after);
  const seenBefore = countOf(minutesOf(before));
  const seenAfter = countOf(minutesAfter);
  if (seenAfter.requests <= 0) return null;

  const believed = updated(tuning.errorKinds, capped(seenBefore));
  const expected = Math.max(seenBefore.ratio, expectedRatio(believed));
  const change = seenAfter.ratio - expected;
  const chance = chanceOfAtLeast(believed, capped(seenAfter));
  const surprise = Math.log(Math.max(chance, Number.MIN_VALUE)) / Math.log(tuning.errorChance);
  const limit = Math.max(leastRise, tuning.errorDriftZ * tuning.errorDriftShare * expected);
  const wanders = tuning.errorDriftShare * expected;
  const interval = intervalOf(change, seenAfter, expected, Math.sqrt(ratioVariance(believed) + wanders ** 2));
  const standardError = (interval.high - interval.low) / (2 * Z95);

  let live = 0;
  let above = 0;
  let worst: Minute = { requests: 0, failed: 0 };
  for (const minute of minutesAfter) {
    if (minute.requests <= 0) continue;
    live++;
    if (minute.failed > expected * minute.requests) above++;
    // Of two with as many failures the one of fewer requests, so that the order of the samples does not matter.
    if (minute.failed > worst.failed || (minute.failed === worst.failed && minute.requests < worst.requests))
      worst = minute;
  }
  const others = seenAfter.requests - worst.requests;
  const withoutWorst = others > 0 ? (seenAfter.failed - worst.failed) / others - expected : Number.NEGATIVE_INFINITY;
  const inPoints = Math.min(
    change / limit,
    surprise,
    above / live / tuning.errorBreadth,
    withoutWorst / (WITHOUT_WORST_SHARE * limit),
  );
  const points = isHeard('error_rise', tuning) ? inPoints : 0;
  const growth = growthStrength(minutesAfter, { before: seenBefore, after: seenAfter, expected }, leastRise, tuning);
  const isRelative = points < 1 && growth >= 1 && isHeard('error_growth', tuning);
  const strength = isRelative ? Math.min(growth, surprise) : points;
  return {
    rule: isRelative ? 'error_growth' : 'error_rise',
    change,
    observed: seenAfter.ratio,
    limit: isRelative ? Math.min(limit, (tuning.errorGrowth - 1) * expected) : limit,
    standardError,
    interval,
    strength,
    isCertain: surprise >= 1 && interval.low > 0,
    before: seenBefore,
    after: seenAfter,
  };
}
