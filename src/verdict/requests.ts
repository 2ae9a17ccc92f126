import type { Sample } from './types.ts';

/** A sample without a request says nothing about latency or errors. */
export function hasRequests(sample: Sample): boolean {
  return sample.requests_per_sec > 0;
}
