import { median } from './order-statistics.ts';

/** A ramp that was going on before the deployment. */
export interface Trend {
  /** Change of the metric on its working scale, per millisecond. */
  readonly slopePerMs: number;
  /** Kendall's rank correlation with time, −1..1. */
  readonly tau: number;
}

/** Fewer samples go up in a row by luck. */
const MIN_SAMPLES = 8;

export interface Timed {
  readonly atMs: number;
  readonly value: number;
}

/**
 * Median of all pairwise slopes (Theil 1950, Sen 1968) with Kendall's τ, or null below `leastTau` and with fewer than
 * eight samples.
 */
export function trendOf(points: readonly Timed[], leastTau: number): Trend | null {
  if (points.length < MIN_SAMPLES) return null;
  const slopes: number[] = [];
  let concordant = 0;
  for (const [i, from] of points.entries()) {
    for (const to of points.slice(i + 1)) {
      const gapMs = to.atMs - from.atMs;
      if (gapMs <= 0) continue;
      slopes.push((to.value - from.value) / gapMs);
      concordant += Math.sign(to.value - from.value);
    }
  }
  if (slopes.length === 0) return null;
  const tau = concordant / slopes.length;
  if (Math.abs(tau) < leastTau) return null;
  return { slopePerMs: median(slopes), tau };
}

/** How far the ramp would have gone from the middle of one window to the middle of the other, if it just went on. */
export function goneOn(trend: Trend, before: readonly Timed[], after: readonly Timed[]): number {
  const middle = (points: readonly Timed[]) => median(points.map((point) => point.atMs));
  const spanMs = (before.at(-1)?.atMs ?? 0) - (before[0]?.atMs ?? 0);
  // No further than it has been seen to go.
  const aheadMs = Math.min(Math.max(0, middle(after) - middle(before)), spanMs);
  return trend.slopePerMs * aheadMs;
}
