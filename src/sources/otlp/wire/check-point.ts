import type { PointValue } from './decoded.ts';

/** Beyond it buckets are narrower than numbers can tell, or one holds all there is. */
const MAX_SCALE = 20;
const MIN_SCALE = -10;
const MAX_INDEX = 2 ** 31;

/** Whether a point says something that can be: counts that are counts, edges that rise, buckets that fit their edges. */
export function isWhole(point: PointValue): boolean {
  switch (point.kind) {
    case 'number':
      return Number.isFinite(point.value);
    case 'histogram': {
      const { count, sum, bounds, counts } = point;
      if (!isCount(count) || !isSum(sum) || !counts.every(isCount)) return false;
      if (counts.length === 0) return bounds.length === 0;
      // A last bound of +Inf would be the bucket that comes anyway.
      return (
        counts.length === bounds.length + 1 &&
        bounds.every((bound, index) => Number.isFinite(bound) && (index === 0 || bound > (bounds[index - 1] as number)))
      );
    }
    case 'exponential': {
      const { count, sum, scale, zeroCount, offset, counts } = point;
      return (
        isCount(count) &&
        isSum(sum) &&
        isCount(zeroCount) &&
        counts.every(isCount) &&
        Number.isInteger(scale) &&
        scale >= MIN_SCALE &&
        scale <= MAX_SCALE &&
        Number.isInteger(offset) &&
        Math.abs(offset) < MAX_INDEX
      );
    }
  }
}

function isCount(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}

function isSum(sum: number | null): boolean {
  return sum === null || Number.isFinite(sum);
}
