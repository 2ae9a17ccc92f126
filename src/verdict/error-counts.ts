import type { Window } from './admit.ts';
import { ASSUMED_REQUESTS, requestsIn } from './requests.ts';

/**
 * Requests of a window that count at most. With so many, counting noise is far below what matters, and the tail
 * probability can still be computed exactly (incomplete-beta.ts).
 */
const MAX_REQUESTS = 20_000;

/** Failed and all requests of one window. */
export interface ErrorCount {
  readonly requests: number;
  readonly failed: number;
  /** failed ÷ requests; 0 without requests. */
  readonly ratio: number;
}

/** One reading: its requests and those of them that failed, which need not be whole, since ratios arrive rounded. */
export interface Minute {
  readonly requests: number;
  readonly failed: number;
}

/** Overlapping readings repeat each other’s requests: each counts by what is new in it, on average. */
export function minutesOf(window: Window): Minute[] {
  const share = window.samples.length > 0 ? window.independent / window.samples.length : 0;
  return window.samples.map((sample) => {
    const requests = Math.min(requestsIn(sample) ?? ASSUMED_REQUESTS, MAX_REQUESTS * 1000) * share;
    return { requests, failed: requests * (sample.error_rate ?? 0) };
  });
}

/** All readings of a window together. */
export function countOf(minutes: readonly Minute[]): ErrorCount {
  let requests = 0;
  let failed = 0;
  for (const minute of minutes) {
    requests += minute.requests;
    failed += minute.failed;
  }
  return { requests, failed, ratio: requests > 0 ? failed / requests : 0 };
}

/** What of a window counts: its ratio, of at most so many requests. */
export function capped(count: ErrorCount): { requests: number; failed: number } {
  const requests = Math.min(count.requests, MAX_REQUESTS);
  return { requests, failed: requests * count.ratio };
}
