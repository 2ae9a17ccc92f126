// Measured (bench/verdict/results/ablation.json): alone 0 false alarms on 636 healthy cases, 86 of 381 faults; without it 9 for 9, 365 for 365.

import type { ErrorCount, Minute } from '../error-counts.ts';
import { DEFAULT_LIMITS, type Tuning } from '../tuning.ts';

/** Share of the samples after in which errors must have grown so many times. */
const GROWTH_BREADTH = 0.6;

/**
 * Errors of a service that hardly ever fails matter below the absolute limit when they grew `errorGrowth` times: at 500
 * requests a second .01 → .35 % are a hundred failures a minute. At least `errorGrowthFailures` of them, in most samples, and
 * not by the worst one alone: rare errors come in bursts.
 */
export function growthStrength(
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
