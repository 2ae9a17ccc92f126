import type { Assessment } from './assessment.ts';
import { type Bucket, bucketAt, isBlind, widthOf } from './latency-blindness.ts';
import { judgedLatency, type LatencyInput, leastGrowth } from './latency-level.ts';
import { type Measured, measuredFact } from './measured.ts';
import { median } from './order-statistics.ts';
import type { Tuning } from './tuning.ts';
import type { Evidence, Limits } from './types.ts';

/** Share of the samples of each side that must know their mean: else p95 is what there is. */
const KNOWN_SHARE = 0.5;

/**
 * Latency judged by p95, by the mean, or by both, as far as the p95 could be read (latency-blindness.ts):
 *
 * - no edges are known, or they can tell whether p95 grew by what matters: p95;
 * - they can't: the mean. It is exact, sum ÷ count. p95 alone fails only where the mean went a good part of the way too
 *   (`meanConsent` of what it needs to fail): a tail that grows moves it so, a jump over an edge does not.
 *
 * The mean's noise and limits are those of p95, by the p95 that goes with it: when a deployment slows all requests by one
 * factor, p95 and mean grow by that factor, whatever the distribution (both are scale equivariant). So each mean is taken
 * times `p95 ÷ mean` of before; of p95 only the lower edge of its bucket is sure, which asks for more milliseconds of a fast
 * service, never for fewer. A mean of n requests scatters no more than their p95, of log-normal latencies half as much
 * (√(e^σ² − 1) against 2.1 σ, for σ below 1), so that p95's noise is on the safe side; what its own readings show outweighs it.
 */
export function besideMean(
  byP95: Assessment,
  { was, is, requests }: Omit<LatencyInput, 'p95PerUnit'>,
  limits: Limits,
  tuning: Tuning,
): Assessment {
  const baselineMs = byP95.baseline ?? 0;
  const before = bucketAt(baselineMs, was.samples);
  // Of a rule over a part of the window the level there: half of the samples may have jumped over an edge.
  const levels = [median(is.values), byP95.observed ?? 0];
  const after = levels.map((level) => bucketAt(level, is.samples)).filter((bucket) => bucket !== null);
  if (before === null || after.length === 0) return byP95;
  const least = leastGrowth(baselineMs, limits);
  const blind = after.some((bucket) => isBlind(before, bucket, least));
  const resolution = resolutionOf([before, ...after], blind);
  const means = blind ? meansOf(was, is, requests, before, tuning) : null;
  if (means === null) return withEvidence(byP95, { resolution });

  const byMean = judgedLatency(means, limits, tuning);
  const consent = strengthOf(byMean) / tuning.meanConsent;
  const strength = Math.min(strengthOf(byP95), consent);
  if (strengthOf(byMean) < 1 && strength >= 1) return withEvidence(byP95, { resolution, strength, meanRose: true });
  return withEvidence(byMean, {
    resolution,
    strength: Math.max(strengthOf(byMean), strength),
    judgedBy: 'latency_mean',
    readP95: { before: baselineMs, after: median(is.values) },
  });
}

/** What is said of p95's resolution: the widest of the buckets. */
function resolutionOf(buckets: readonly Bucket[], blind: boolean): NonNullable<Evidence['resolution']> {
  const { low, high } = buckets.reduce((widest, bucket) => (widthOf(bucket) > widthOf(widest) ? bucket : widest));
  return { low, high: Number.isFinite(high) ? high : null, isBlind: blind };
}

/** null: the mean is not known of enough samples. */
function meansOf(was: Measured, is: Measured, requests: number, bucket: Bucket, tuning: Tuning): LatencyInput | null {
  const before = measuredFact(was, 'latencyMean', was.withoutRequests);
  const after = measuredFact(is, 'latencyMean', is.withoutRequests);
  if (before.values.length < Math.max(1, KNOWN_SHARE * was.values.length)) return null;
  if (after.values.length < Math.max(tuning.minPostSamples, KNOWN_SHARE * is.values.length)) return null;
  const meanMs = median(before.values);
  return meanMs > 0 ? { was: before, is: after, requests, p95PerUnit: Math.max(1, bucket.low / meanMs) } : null;
}

const strengthOf = ({ evidence }: Assessment): number => evidence.strength ?? 0;

function withEvidence(assessment: Assessment, evidence: Partial<Evidence>): Assessment {
  return { ...assessment, evidence: { ...assessment.evidence, ...evidence } };
}
