import { METRICS, type MetricName, type MissingReason, type Sample } from './types.ts';

/** One number within its range: finite, not negative, ratios up to 1 (docs/contract.md, What an observed application serves). */
function inContract(metric: MetricName, value: number): boolean {
  if (!Number.isFinite(value) || value < 0) return false;
  return value <= 1 || metric === 'latency_p95' || metric === 'requests_per_sec';
}

/**
 * The sample with every number either inside the contract or null with its reason. One number out of range says nothing
 * against the other four: a CPU usage of 1.02 must not hide an error ratio of 40 %.
 */
export function cleaned(sample: Sample): Sample {
  if (METRICS.every((metric) => isUsable(metric, sample[metric]))) return sample;
  const numbers = {} as Record<MetricName, number | null>;
  const missing: Partial<Record<MetricName, MissingReason>> = {};
  for (const metric of METRICS) {
    const value = sample[metric] ?? null;
    numbers[metric] = isUsable(metric, value) ? value : null;
    if (numbers[metric] !== null) continue;
    missing[metric] = value === null ? (sample.missing?.[metric] ?? 'not_measured') : 'out_of_range';
  }
  return { ...sample, ...numbers, missing };
}

function isUsable(metric: MetricName, value: number | null): value is number {
  return value !== null && inContract(metric, value);
}

/** A sample without any number says nothing. */
export function hasNumber(sample: Sample): boolean {
  return METRICS.some((metric) => sample[metric] !== null);
}
