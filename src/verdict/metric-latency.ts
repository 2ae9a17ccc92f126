import type { Window } from './admit.ts';
import { type Assessment, notJudged } from './assessment.ts';
import { judgedLatency } from './latency-level.ts';
import { besideMean } from './latency-mean.ts';
import { countsOf, measured, whyUnmeasured } from './measured.ts';
import { median } from './order-statistics.ts';
import { typicalRequests } from './requests.ts';
import type { Tuning } from './tuning.ts';
import type { Limits } from './types.ts';

/**
 * p95 latency, on the scale ln(ms + 5). Readings without requests have no latency and are passed over. What a p95
 * is worth depends on the requests behind it: below `latencyFullRequests` in a sample all demands grow with 1/√requests,
 * below `latencyMinRequests` nothing is said. Where it comes from a histogram too coarse to tell, the mean has a say.
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
  const byP95 = judgedLatency({ was, is, requests, p95PerUnit: 1 }, limits, tuning);
  return besideMean(byP95, { was, is, requests }, limits, tuning);
}
