import { SAMPLE_WINDOW_MS } from './admit.ts';
import { median } from './order-statistics.ts';
import type { Sample } from './types.ts';

/** Requests that the sample speaks of: counted by its source, else rate × window; null where neither is known. */
export function requestsIn(sample: Sample): number | null {
  if (sample.requests !== undefined) return sample.requests;
  if (sample.requests_per_sec === null) return null;
  return sample.requests_per_sec * (sample.windowSeconds ?? SAMPLE_WINDOW_MS / 1000);
}

/** A sample without a request says nothing about latency or errors. Where nobody counted them, there may have been some. */
export function hasRequests(sample: Sample): boolean {
  return requestsIn(sample) !== 0;
}

/**
 * Requests in a sample where none of a window's samples tells: few, so that a ratio or a percentile of an unknown number
 * of requests convinces only when it is large.
 */
export const ASSUMED_REQUESTS = 20;

/** Requests in a typical sample of these. */
export function typicalRequests(samples: readonly Sample[]): number {
  const known = samples.flatMap((sample) => requestsIn(sample) ?? []);
  return known.length > 0 ? median(known) : ASSUMED_REQUESTS;
}
