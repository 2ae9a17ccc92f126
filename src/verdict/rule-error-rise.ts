import type { Window } from './admit.ts';
import { chanceOfAtLeast, expectedRatio, ratioVariance, updated } from './error-prior.ts';
import { ASSUMED_REQUESTS, requestsIn } from './requests.ts';
import type { RuleResult } from './rule-level-shift.ts';
import { DEFAULT_LIMITS, type Tuning } from './tuning.ts';
import { shareOf } from './wilson.ts';

/**
 * Requests of a window that count at most. With so many, counting noise is far below what matters, and the tail
 * probability can still be computed exactly (incomplete-beta.ts).
 */
const MAX_REQUESTS = 20_000;

/** Without its worst sample the rise must still be this share of what matters. */
const WITHOUT_WORST_SHARE = 0.5;

/** Share of the samples after in which errors must have grown so many times. */
const GROWTH_BREADTH = 0.6;
/** Two-sided 95 % of a normal distribution. */
const Z95 = 1.96;

/** Failed and all requests of one window. */
export interface ErrorCount {
  readonly requests: number;
  readonly failed: number;
  /** failed ÷ requests; 0 without requests. */
  readonly ratio: number;
}

interface Minute {
  readonly requests: number;
  readonly failed: number;
}

function minutesOf(window: Window): Minute[] {
  // Overlapping readings repeat each other's requests: each counts by what is new in it, on average.
  const share = window.samples.length > 0 ? window.independent / window.samples.length : 0;
  return window.samples.map((sample) => {
    const requests = Math.min(requestsIn(sample) ?? ASSUMED_REQUESTS, MAX_REQUESTS * 1000) * share;
    return { requests, failed: requests * (sample.error_rate ?? 0) };
  });
}

function countOf(minutes: readonly Minute[]): ErrorCount {
  let requests = 0;
  let failed = 0;
  for (const minute of minutes) {
    requests += minute.requests;
    failed += minute.failed;
  }
  return { requests, failed, ratio: requests > 0 ? failed / requests : 0 };
}

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

function capped(count: ErrorCount): { requests: number; failed: number } {
  const requests = Math.min(count.requests, MAX_REQUESTS);
  return { requests, failed: requests * count.ratio };
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
  const points = Math.min(
    change / limit,
    surprise,
    above / live / tuning.errorBreadth,
    withoutWorst / (WITHOUT_WORST_SHARE * leastRise),
  );
  const growth = growthStrength(minutesAfter, { before: seenBefore, after: seenAfter, expected }, leastRise, tuning);
  const isRelative = points < 1 && growth >= 1;
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

/**
 * Errors of a service that hardly ever fails matter below the absolute limit when they grew `errorGrowth` times: at 500
 * requests a second .01 → .35 % are a hundred failures a minute. At least `errorGrowthFailures` of them, in most samples, and
 * not by the worst one alone: rare errors come in bursts.
 */
function growthStrength(
  minutes: readonly Minute[],
  { before, after, expected }: { before: ErrorCount; after: ErrorCount; expected: number },
  leastRise: number,
  tuning: Tuning,
): number {
  if (before.requests <= 0 || expected <= 0) return 0;
  // Who lets more points pass lets more growth pass.
  const leastGrowth = tuning.errorGrowth * Math.max(1, leastRise / DEFAULT_LIMITS.errorRise);
  const served = minutes.filter((minute) => minute.requests > 0);
  const grown = served.filter((minute) => minute.failed >= leastGrowth * expected * minute.requests).length;
  const breadth = grown / served.length / GROWTH_BREADTH;
  // The last step of a count is one failure: what was seen before may have been luck by that much.
  const factor = after.ratio / Math.max(expected, (before.failed + 1) / before.requests);
  return Math.min(factor / leastGrowth, after.failed / tuning.errorGrowthFailures, breadth);
}
