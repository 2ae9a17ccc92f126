import { type Assessment, judged } from './assessment.ts';
import { countsOf, type Measured } from './measured.ts';
import { median } from './order-statistics.ts';
import { rampOf } from './ramp.ts';
import { byLevel } from './rules/by-level.ts';
import { trackOf } from './track.ts';
import type { Tuning } from './tuning.ts';
import type { Limits } from './types.ts';

/**
 * Milliseconds added before the logarithm. Latency's noise is proportional to its level, so ratios are compared; below
 * about 5 ms it is timer noise instead, and 1 → 2 ms must not look like 100 → 200.
 */
export const LATENCY_OFFSET_MS = 5;

export interface LatencyInput {
  /** Milliseconds; each side holds a sample. */
  readonly was: Measured;
  readonly is: Measured;
  /** In a sample. */
  readonly requests: number;
  /** How many times these numbers a p95 is: 1 where they are one. What matters is said of p95. */
  readonly p95PerUnit: number;
}

/** What matters of a level of `baselineMs`, as growth on the working scale. */
export function leastGrowth(baselineMs: number, limits: Limits): number {
  const leastMs = Math.max(limits.latencyGrowth * (baselineMs + LATENCY_OFFSET_MS), limits.latencyRiseMs);
  return Math.log1p(leastMs / (baselineMs + LATENCY_OFFSET_MS));
}

/** The rules on a latency, p95 or another, each number taken for the p95 that goes with it. */
export function judgedLatency(
  { was, is, requests, p95PerUnit }: LatencyInput,
  limits: Limits,
  tuning: Tuning,
): Assessment {
  const working = (ms: number) => Math.log(ms * p95PerUnit + LATENCY_OFFSET_MS);
  const baselineMs = median(was.values);
  const baseline = baselineMs * p95PerUnit;
  const ramp = rampOf(was, is, working).explained;
  const track = trackOf({
    before: was.values.map(working),
    after: is.values.map(working),
    independentBefore: was.independent,
    independentAfter: is.independent,
    noise: tuning.latency,
    priors: tuning,
    leastChange: leastGrowth(baseline, limits),
    strictness: Math.max(1, Math.sqrt(tuning.latencyFullRequests / requests)),
    explained: working(baselineMs) - median(was.values.map(working)) + ramp,
  });
  return judged({
    metric: 'latency_p95',
    baseline: baselineMs,
    expected: (Math.exp(track.expected) - LATENCY_OFFSET_MS) / p95PerUnit,
    results: byLevel('latency_p95', track, tuning),
    toLevel: (y) => Math.max(0, Math.exp(y) - LATENCY_OFFSET_MS) / p95PerUnit,
    toChange: (y) => ((baseline + LATENCY_OFFSET_MS) * Math.expm1(y)) / p95PerUnit,
    counts: countsOf(was, is),
    values: is.values,
    grave:
      requests >= tuning.graveLatencyRequests &&
      median(is.values) * p95PerUnit + LATENCY_OFFSET_MS >=
        tuning.graveLatencyFactor * (baseline + LATENCY_OFFSET_MS) * Math.exp(ramp),
  });
}
