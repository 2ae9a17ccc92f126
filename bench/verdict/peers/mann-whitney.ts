import { METRICS } from '../../../src/verdict/types.ts';
import { byFailedMetrics, type Peer } from './peer.ts';

/**
 * Kayenta's judge with its defaults, written anew from its documented method: for each metric the 98 % confidence
 * interval of the Hodges-Lehmann shift from the Mann-Whitney test (normal approximation with ties and continuity
 * correction, as R's wilcox.test), failed when the whole interval is beyond .25 of the estimate in the bad direction.
 * One failed metric of five scores 80 (marginal: attention), two 60 (fail: rollback).
 */
const TOLERANCE = 0.25;
/** Normal quantile of .99: two-sided 98 %. */
const Z98 = 2.3263;
const HALVINGS = 40;

/** Standardised rank sum of x − shift against y, without the quantile. Falls as the shift grows. */
function standardised(x: readonly number[], y: readonly number[], shift: number): number {
  const all = [
    ...x.map((value) => ({ value: value - shift, ofX: true })),
    ...y.map((value) => ({ value, ofX: false })),
  ];
  all.sort((a, b) => a.value - b.value);
  let rankSum = 0;
  let ties = 0;
  for (let i = 0; i < all.length; ) {
    let end = i;
    while (end < all.length && all[end]?.value === all[i]?.value) end++;
    const tied = end - i;
    ties += tied ** 3 - tied;
    for (let j = i; j < end; j++) if (all[j]?.ofX) rankSum += (i + 1 + end) / 2;
    i = end;
  }
  const n = x.length;
  const m = y.length;
  const distance = rankSum - (n * (n + 1)) / 2 - (n * m) / 2;
  const sigma = Math.sqrt(((n * m) / 12) * (n + m + 1 - ties / ((n + m) * (n + m - 1))));
  return sigma > 0 ? (distance - 0.5 * Math.sign(distance)) / sigma : 0;
}

function shiftAt(x: readonly number[], y: readonly number[], z: number): number {
  let low = Math.min(...x) - Math.max(...y);
  let high = Math.max(...x) - Math.min(...y);
  if (standardised(x, y, low) <= z) return low;
  if (standardised(x, y, high) >= z) return high;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (standardised(x, y, middle) > z) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function failed(before: readonly number[], after: readonly number[]): boolean {
  if (new Set([...before, ...after]).size === 1) return false;
  return shiftAt(after, before, Z98) > TOLERANCE * Math.abs(shiftAt(after, before, 0));
}

export const mannWhitney: Peer = (before, after) =>
  byFailedMetrics(
    METRICS.filter((metric) => {
      // Traffic is bad when it falls: both sides change their sign.
      const sign = metric === 'requests_per_sec' ? -1 : 1;
      const signed = (values: readonly number[]) => values.map((value) => sign * value);
      return failed(signed(before[metric]), signed(after[metric]));
    }),
  );
