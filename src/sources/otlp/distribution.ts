import { type Distribution, type ExponentialBuckets, isExponential } from './points.ts';

/** What came between two points of a cumulative stream. null: the later one is not the earlier one grown. */
export function grownBy(earlier: Distribution, later: Distribution): Distribution | null {
  const count = later.count - earlier.count;
  if (count < 0) return null;
  const sumMs = earlier.sumMs === null || later.sumMs === null ? null : later.sumMs - earlier.sumMs;
  const [from, to] = [earlier.buckets, later.buckets];
  if (isExponential(from) && isExponential(to)) {
    const buckets = exponentialGrowth(from, to);
    return buckets === null ? null : { count, sumMs, buckets };
  }
  if (isExponential(from) || isExponential(to) || !areSameEdges(from.edgesMs, to.edgesMs)) return null;
  const counts = to.counts.map((each, index) => each - (from.counts[index] ?? 0));
  return counts.some((each) => each < 0) ? null : { count, sumMs, buckets: { edgesMs: to.edgesMs, counts } };
}

export function areSameEdges(one: readonly number[], other: readonly number[]): boolean {
  return one === other || (one.length === other.length && one.every((edge, index) => edge === other[index]));
}

/** Senders that run out of buckets halve their resolution, never the other way round, as long as the stream is the same. */
function exponentialGrowth(from: ExponentialBuckets, to: ExponentialBuckets): ExponentialBuckets | null {
  if (from.scale < to.scale || from.unitMs !== to.unitMs) return null;
  const coarse = toScale(from, to.scale);
  const counts = to.counts.map((each, index) => each - (coarse.counts[to.offset + index - coarse.offset] ?? 0));
  const kept = coarse.counts.every((each, index) => {
    const at = coarse.offset + index - to.offset;
    return each === 0 || (at >= 0 && at < to.counts.length);
  });
  const zeroCount = to.zeroCount - coarse.zeroCount;
  if (!kept || zeroCount < 0 || counts.some((each) => each < 0)) return null;
  return { ...to, zeroCount, counts };
}

/** With base^2 for base as often as the scale sinks: two neighbours become one bucket. */
export function toScale(buckets: ExponentialBuckets, scale: number): ExponentialBuckets {
  const steps = buckets.scale - scale;
  if (steps === 0) return buckets;
  const at = (index: number) => Math.floor((buckets.offset + index) / 2 ** steps);
  const offset = at(0);
  const counts: number[] = [];
  buckets.counts.forEach((each, index) => {
    const place = at(index) - offset;
    counts[place] = (counts[place] ?? 0) + each;
  });
  return { ...buckets, scale, offset, counts: Array.from(counts, (each) => each ?? 0) };
}

/** Values between two edges, milliseconds, spread evenly; `highMs` Infinity: nobody knows how far. */
export interface Segment {
  readonly lowMs: number;
  readonly highMs: number;
  count: number;
}

/** Adds up buckets of any shape, each with a weight. */
export class BucketSum {
  /** By the list of edges itself: streams of one row share it. */
  readonly #explicit = new Map<readonly number[], number[]>();
  readonly #segments = new Map<string, Segment>();

  add({ buckets }: Distribution, weight: number): void {
    if (isExponential(buckets)) {
      this.#addExponential(buckets, weight);
      return;
    }
    const { edgesMs, counts } = buckets;
    const sums = this.#explicit.get(edgesMs) ?? counts.map(() => 0);
    this.#explicit.set(edgesMs, sums);
    counts.forEach((count, index) => {
      sums[index] = (sums[index] ?? 0) + count * weight;
    });
  }

  #addExponential({ scale, unitMs, zeroCount, offset, counts }: ExponentialBuckets, weight: number): void {
    if (zeroCount > 0) this.#put(0, 0, zeroCount * weight);
    counts.forEach((count, index) => {
      const edge = (at: number) => 2 ** (at * 2 ** -scale) * unitMs;
      if (count > 0) this.#put(edge(offset + index), edge(offset + index + 1), count * weight);
    });
  }

  #put(lowMs: number, highMs: number, count: number): void {
    const name = `${lowMs} ${highMs}`;
    const known = this.#segments.get(name);
    if (known === undefined) this.#segments.set(name, { lowMs, highMs, count });
    else known.count += count;
  }

  segments(): readonly Segment[] {
    for (const [edgesMs, sums] of this.#explicit) {
      sums.forEach((count, index) => {
        const high = edgesMs[index] ?? Number.POSITIVE_INFINITY;
        // Times begin at zero; a first edge below that would be nobody's.
        if (count > 0) this.#put(edgesMs[index - 1] ?? Math.min(0, high), high, count);
      });
    }
    this.#explicit.clear();
    return [...this.#segments.values()];
  }
}

export interface Quantile {
  readonly ms: number;
  /** Edges of the bucket that it lies in; null: it lies beyond the last edge that is known. */
  readonly bucket: { readonly low: number; readonly high: number } | null;
}

/**
 * The quantile of values in buckets, evenly spread within each (as Prometheus' histogram_quantile has it); beyond the last
 * finite edge, that edge. Buckets of different shapes may overlap. null: there is no value.
 */
export function quantileOf(all: readonly Segment[], quantile: number): Quantile | null {
  const segments = all.filter(({ count }) => count > 0);
  const total = segments.reduce((sum, { count }) => sum + count, 0);
  if (total <= 0) return null;
  const target = quantile * total;
  const below = (ms: number) =>
    segments.reduce((sum, { lowMs, highMs, count }) => {
      if (ms >= highMs) return sum + count;
      return ms <= lowMs || highMs === Number.POSITIVE_INFINITY ? sum : sum + (count * (ms - lowMs)) / (highMs - lowMs);
    }, 0);
  const edges = [...new Set(segments.flatMap(({ lowMs, highMs }) => [lowMs, highMs]))]
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const found = edges.findIndex((edge) => below(edge) >= target - total * 1e-12);
  const high = edges[found];
  if (high === undefined) return { ms: edges.at(-1) ?? 0, bucket: null };
  const low = edges[found - 1] ?? high;
  const [atLow, atHigh] = [found === 0 ? 0 : below(low), below(high)];
  const ms = atHigh === atLow ? high : low + ((high - low) * (target - atLow)) / (atHigh - atLow);
  const holding = segments
    .filter(({ lowMs, highMs }) => lowMs < ms && ms <= highMs && Number.isFinite(highMs))
    .sort((a, b) => b.count - a.count)[0];
  return { ms, bucket: holding === undefined ? null : { low: holding.lowMs, high: holding.highMs } };
}
