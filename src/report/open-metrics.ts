import { METRICS, type MetricName } from '../verdict/types.ts';
import { beforeAndAfter, identityOf, type MetricReport } from './metric-report.ts';
import type { ReportedSample } from './wire.ts';

/**
 * The five numbers of a deployment without a verdict: medians of what has been read, nothing judged.
 *
 * @param limits by their names on the wire (`error_rate_rise`): where they will lie, as far as is known now.
 */
export function openMetrics(
  samples: readonly ReportedSample[],
  limits: Readonly<Record<string, number>> = {},
): MetricReport[] {
  return METRICS.map((metric) => {
    const baseline = medianOf(samples, 'pre', metric);
    const observed = medianOf(samples, 'post', metric);
    return {
      ...identityOf(metric, metric),
      basis: '',
      severity: 'none',
      outcome: 'open',
      ...beforeAndAfter(metric, baseline, observed),
      change: null,
      factor: null,
      interval: null,
      matters: null,
      proof: '',
      reason: '',
      numbers: {
        baseline,
        observed,
        threshold: baseline === null ? null : thresholdOf(metric, baseline, limits),
        change: null,
        low: null,
        high: null,
        limit: null,
        strength: 0,
      },
    };
  });
}

/** Where the project's limits would lie over what has been read; null where they are not known. */
function thresholdOf(metric: MetricName, baseline: number, limits: Readonly<Record<string, number>>): number | null {
  const rise = (name: string) => (limits[name] === undefined ? null : baseline + limits[name]);
  const { latency_p95_growth: growth, latency_p95_rise_ms: riseMs, requests_per_sec_drop: drop } = limits;
  switch (metric) {
    case 'latency_p95':
      return growth === undefined ? null : baseline + Math.max(growth * baseline, riseMs ?? 0);
    case 'requests_per_sec':
      return drop === undefined ? null : baseline * (1 - drop);
    default:
      return rise(`${metric}_rise`);
  }
}

function medianOf(samples: readonly ReportedSample[], phase: 'pre' | 'post', metric: MetricName): number | null {
  const values = samples.filter((sample) => sample.phase === phase).flatMap((sample) => sample[metric] ?? []);
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)];
  if (upper === undefined) return null;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
