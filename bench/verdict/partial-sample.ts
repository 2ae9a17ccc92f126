import type { Sample } from '../../src/verdict/types.ts';

/** A punctual sample of what a public series has; the other numbers are not known. */
export const partialSample = (reading: Partial<Sample>, collectedAtMs: number): Sample => ({
  requests_per_sec: null,
  latency_p95: null,
  error_rate: null,
  cpu_usage: null,
  memory_usage: null,
  ...reading,
  collectedAtMs,
  lateSeconds: 0,
});
