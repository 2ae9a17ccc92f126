/** A sorted copy, smallest first. Input must be finite. */
export function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

/**
 * Quantile of an already sorted list by linear interpolation between order statistics (type 7 of Hyndman & Fan 1996,
 * the default of R and NumPy). `share` is 0..1. An empty list gives NaN: callers test for samples first.
 */
export function quantileOfSorted(ascending: readonly number[], share: number): number {
  const position = (ascending.length - 1) * share;
  const below = Math.floor(position);
  const low = ascending[below] ?? Number.NaN;
  const high = ascending[Math.min(below + 1, ascending.length - 1)] ?? low;
  const weight = position - below;
  // Written as two products so that two huge values of the same sign cannot overflow in a difference.
  return weight === 0 ? low : low * (1 - weight) + high * weight;
}

/** Median of an unsorted list; NaN when it is empty. */
export function median(values: readonly number[]): number {
  return quantileOfSorted(sorted(values), 0.5);
}

/** Median of the `count` largest values of a sorted list, of all of them when there are fewer. */
export function medianOfLargest(ascending: readonly number[], count: number): number {
  return quantileOfSorted(ascending.slice(-count), 0.5);
}

/**
 * Spread of residuals that have been centred already: the larger of 1.4826 × MAD (which estimates the standard
 * deviation of a normal sample and ignores up to half of outliers) and half the root mean square.
 * The second term speaks where the first is blind: a service whose readings are equal three times in four has MAD 0,
 * and its fourth reading would otherwise look like a wonder. Halved, because outliers are what it must not believe.
 */
export function robustSpread(residuals: readonly number[]): number {
  if (residuals.length === 0) return 0;
  let squares = 0;
  const absolute: number[] = [];
  for (const residual of residuals) {
    squares += residual * residual;
    absolute.push(Math.abs(residual));
  }
  return Math.max(1.4826 * median(absolute), Math.sqrt(squares / residuals.length) / 2);
}
