import { METRICS, type MetricName } from '../verdict/types.ts';
import { beforeAndAfter, type MetricReport } from './metric-report.ts';
import type { ReportedSample } from './wire.ts';
import { NAME } from './words.ts';

/** The five numbers of a deployment without a verdict: medians of what has been read, nothing judged. */
export function openMetrics(samples: readonly ReportedSample[]): MetricReport[] {
  return METRICS.map((metric) => {
    const baseline = medianOf(samples, 'pre', metric);
    const observed = medianOf(samples, 'post', metric);
    return {
      metric,
      name: NAME[metric],
      severity: 'none',
      outcome: 'open',
      ...beforeAndAfter(metric, baseline, observed),
      change: null,
      factor: null,
      interval: null,
      matters: null,
      proof: '',
      reason: '',
      numbers: { baseline, observed, threshold: null, change: null, low: null, high: null, limit: null, strength: 0 },
    };
  });
}

function medianOf(samples: readonly ReportedSample[], phase: 'pre' | 'post', metric: MetricName): number | null {
  const values = samples.filter((sample) => sample.phase === phase).flatMap((sample) => sample[metric] ?? []);
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)];
  if (upper === undefined) return null;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
