import type { Window } from './admit.ts';
import { type Assessment, judged, notJudged } from './assessment.ts';
import { countsOf, measured, whyUnmeasured } from './measured.ts';
import { median } from './order-statistics.ts';
import { rampOf } from './ramp.ts';
import { typicalRequests } from './requests.ts';
import { byLevel } from './rules/by-level.ts';
import { trackOf } from './track.ts';
import type { Tuning } from './tuning.ts';
import type { Limits } from './types.ts';

/**
 * Milliseconds added before the logarithm. Latency's noise is proportional to its level, so ratios are compared; below
 * about 5 ms it is timer noise instead, and 1 → 2 ms must not look like 100 → 200.
 */
export const LATENCY_OFFSET_MS = 5;

const working = (ms: number) => Math.log(ms + LATENCY_OFFSET_MS);

/**
 * p95 latency, on the scale ln(ms + 5). Readings without requests have no latency and are passed over. What a p95
 * is worth depends on the requests behind it: below `latencyFullRequests` in a sample all demands grow with 1/√requests,
 * below `latencyMinRequests` nothing is said.
 */
export function assessLatency(before: Window, after: Window, limits: Limits, tuning: Tuning): Assessment {
  const was = measured(before, 'latency_p95');
  const is = measured(after, 'latency_p95');
  const counts = countsOf(was, is);
  const baselineMs = was.values.length > 0 ? median(was.values) : null;
  const observedMs = is.values.length > 0 ? median(is.values) : null;
  const refuse = (why: string) => notJudged('latency_p95', why, { baseline: baselineMs, observed: observedMs, counts });

  const unmeasured = whyUnmeasured(was, is, { least: tuning.minPostSamples, isNeverZero: true });
  if (unmeasured !== null) return refuse(unmeasured);
  if (baselineMs === null) return refuse('there was no request before');
  if (observedMs === null || is.values.length < 2) return refuse('hardly any sample after holds a request');
  const requests = Math.min(typicalRequests(before.samples), typicalRequests(after.samples));
  if (requests < tuning.latencyMinRequests) return refuse('a 95th percentile of so few requests is chance');

  const ramp = rampOf(was, is, working).explained;
  const leastMs = Math.max(limits.latencyGrowth * (baselineMs + LATENCY_OFFSET_MS), limits.latencyRiseMs);
  const track = trackOf({
    before: was.values.map(working),
    after: is.values.map(working),
    independentBefore: was.independent,
    independentAfter: is.independent,
    noise: tuning.latency,
    priors: tuning,
    leastChange: Math.log1p(leastMs / (baselineMs + LATENCY_OFFSET_MS)),
    strictness: Math.max(1, Math.sqrt(tuning.latencyFullRequests / requests)),
    explained: working(baselineMs) - median(was.values.map(working)) + ramp,
  });
  return judged({
    metric: 'latency_p95',
    baseline: baselineMs,
    expected: Math.exp(track.expected) - LATENCY_OFFSET_MS,
    results: byLevel('latency_p95', track, tuning),
    toLevel: (y) => Math.max(0, Math.exp(y) - LATENCY_OFFSET_MS),
    toChange: (y) => (baselineMs + LATENCY_OFFSET_MS) * Math.expm1(y),
    counts,
    values: is.values,
    grave:
      requests >= tuning.graveLatencyRequests &&
      observedMs + LATENCY_OFFSET_MS >= tuning.graveLatencyFactor * (baselineMs + LATENCY_OFFSET_MS) * Math.exp(ramp),
  });
}
