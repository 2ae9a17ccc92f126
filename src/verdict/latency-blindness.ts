import { LATENCY_OFFSET_MS } from './latency-level.ts';
import type { Sample } from './types.ts';

/** Between which values a p95 read from a histogram may truly lie, milliseconds. Infinity: beyond the last edge. */
export interface Bucket {
  readonly low: number;
  readonly high: number;
}

/** Fewer readings of one value to the last bit are chance; a p95 between edges hardly ever repeats itself. */
const STUCK_SAMPLES = 3;

/**
 * The bucket that `levelMs`, a p95 of these samples or between two of them, lies in; null where no edges are known. Beyond
 * its last edge a histogram answers that edge whatever the latency is, and names no bucket: readings that repeat it to the
 * last bit beside a mean that is known stand there.
 */
export function bucketAt(levelMs: number, samples: readonly Sample[]): Bucket | null {
  const nearest = samples.reduce<Sample | undefined>((best, sample) => {
    const distance = Math.abs((sample.latency_p95 ?? Number.POSITIVE_INFINITY) - levelMs);
    const least = Math.abs((best?.latency_p95 ?? Number.POSITIVE_INFINITY) - levelMs);
    return best === undefined || distance < least ? sample : best;
  }, undefined);
  if (nearest === undefined) return null;
  if (nearest.latencyBucket !== undefined) return nearest.latencyBucket;
  const alike = samples.filter(({ latency_p95 }) => latency_p95 === nearest.latency_p95);
  const isStuck = alike.length >= STUCK_SAMPLES && alike.every(({ latencyMean }) => latencyMean !== undefined);
  return isStuck && levelMs > 0 ? { low: levelMs, high: Number.POSITIVE_INFINITY } : null;
}

/** Width of a bucket on latency's working scale, ln(ms + 5). */
export function widthOf({ low, high }: Bucket): number {
  return growthOf(low, high);
}

/**
 * Do the edges alone leave open whether p95 grew by what matters? It lay somewhere in `was` and lies somewhere in `is`: from
 * the top of the one to the bottom of the other is the least that it grew, from bottom to top the most. Where what matters
 * lies between, and a bucket is wider than that, p95 can't tell: 120 → 200 ms inside one bucket reads the same, and
 * 99 → 101 ms over an edge reads as a jump. With fine buckets never. `leastGrowth`: what matters, on the working scale.
 */
export function isBlind(was: Bucket, is: Bucket, leastGrowth: number): boolean {
  if (Math.max(widthOf(was), widthOf(is)) <= leastGrowth) return false;
  return growthOf(was.high, is.low) < leastGrowth && growthOf(was.low, is.high) >= leastGrowth;
}

function growthOf(fromMs: number, toMs: number): number {
  if (fromMs === Number.POSITIVE_INFINITY) return toMs === Number.POSITIVE_INFINITY ? 0 : Number.NEGATIVE_INFINITY;
  return Math.log((toMs + LATENCY_OFFSET_MS) / (fromMs + LATENCY_OFFSET_MS));
}
