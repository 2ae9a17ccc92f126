export interface Share {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const Z95 = 1.96;

/**
 * hits ÷ count with its 95 % interval, Wilson's score interval (1927): stays inside 0..1 and is honest with 0 of 20.
 * Null where there is nothing to divide by.
 */
export function shareOf(hits: number, count: number): Share | null {
  if (count <= 0) return null;
  const value = hits / count;
  const z2 = Z95 ** 2;
  const centre = (value + z2 / (2 * count)) / (1 + z2 / count);
  const half = (Z95 * Math.sqrt((value * (1 - value)) / count + z2 / (4 * count ** 2))) / (1 + z2 / count);
  return { value, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
