import type { Window } from './admit.ts';
import { type Assessment, judged, notJudged } from './assessment.ts';
import { median } from './order-statistics.ts';
import { hasRequests } from './requests.ts';
import { lateShift } from './rule-late-shift.ts';
import { levelShift } from './rule-level-shift.ts';
import { repeatedExcess } from './rule-repeated-excess.ts';
import { trackOf } from './track.ts';
import type { Tuning } from './tuning.ts';
import type { Limits, Sample } from './types.ts';

/**
 * Milliseconds added before the logarithm. Latency's noise is proportional to its level, so ratios are compared; below
 * about 5 ms it is timer noise instead, and 1 → 2 ms must not look like 100 → 200.
 */
const OFFSET_MS = 5;

const working = (ms: number) => Math.log(ms + OFFSET_MS);
const requestsPerMinute = (samples: readonly Sample[]) => median(samples.map((s) => s.requests_per_sec)) * 60;

/**
 * p95 latency, on the scale ln(ms + 5). Readings without requests have no latency and are passed over. What a p95
 * is worth depends on the requests behind it: below `latencyFullRequests` a minute all demands grow with 1/√requests,
 * below `latencyMinRequests` nothing is said.
 */
export function assessLatency(before: Window, after: Window, limits: Limits, tuning: Tuning): Assessment {
  const served = { before: before.samples.filter(hasRequests), after: after.samples.filter(hasRequests) };
  const counts = {
    before: served.before.length,
    after: served.after.length,
    withoutRequests: before.samples.length + after.samples.length - served.before.length - served.after.length,
  };
  const msBefore = served.before.map((s) => s.latency_p95);
  const msAfter = served.after.map((s) => s.latency_p95);
  const baselineMs = counts.before > 0 ? median(msBefore) : null;
  const observedMs = counts.after > 0 ? median(msAfter) : null;
  const refuse = (why: string) =>
    notJudged('latency_p95', why, { baseline: baselineMs, observed: observedMs, ...counts });

  if (baselineMs === null) return refuse('there was no request before');
  if (observedMs === null || counts.after < 2) return refuse('hardly any sample after holds a request');
  const requests = Math.min(requestsPerMinute(before.samples), requestsPerMinute(after.samples));
  if (requests < tuning.latencyMinRequests) return refuse('a 95th percentile of so few requests is chance');

  const expected = working(baselineMs);
  const leastMs = Math.max(limits.latencyGrowth * (baselineMs + OFFSET_MS), limits.latencyRiseMs);
  const track = trackOf({
    before: msBefore.map(working),
    after: msAfter.map(working),
    independentBefore: (before.independent * counts.before) / before.samples.length,
    independentAfter: (after.independent * counts.after) / after.samples.length,
    noise: tuning.latency,
    priorSamples: tuning.priorSamples,
    leastChange: Math.log1p(leastMs / (baselineMs + OFFSET_MS)),
    strictness: Math.max(1, Math.sqrt(tuning.latencyFullRequests / requests)),
    explained: expected - median(msBefore.map(working)),
  });
  return judged({
    metric: 'latency_p95',
    baseline: baselineMs,
    results: [levelShift(track, tuning), lateShift(track, tuning), repeatedExcess(track, tuning)],
    toLevel: (y) => Math.max(0, Math.exp(y) - OFFSET_MS),
    toChange: (y) => (baselineMs + OFFSET_MS) * Math.expm1(y),
    samplesBefore: counts.before,
    samples: served.after,
    withoutRequests: counts.withoutRequests,
    grave: observedMs + OFFSET_MS >= tuning.graveLatencyFactor * (baselineMs + OFFSET_MS),
  });
}
