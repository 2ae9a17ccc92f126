import { type Window, windowOf } from '../admit.ts';
import type { Measured } from '../measured.ts';
import { ASSUMED_REQUESTS, requestsIn } from '../requests.ts';
import type { Sample } from '../types.ts';
import { type CustomMetric, customValueOf } from './custom-metric.ts';

/** What of a definition says which readings count. */
type Measurable = Pick<CustomMetric, 'name' | 'kind' | 'isCounted'>;

/** Events behind one reading: those that its source counted, else the sample's requests; null: nobody knows. */
export function eventsIn(metric: Pick<CustomMetric, 'name'>, sample: Sample): number | null {
  return customValueOf(sample.custom, metric.name)?.events ?? requestsIn(sample);
}

/** What a window holds of a metric of somebody's own. Of one that is counted, readings without an event are passed over. */
export function measuredCustom(window: Window, metric: Measurable): Measured {
  const samples: Sample[] = [];
  const values: number[] = [];
  const missing = { not_measured: 0, out_of_range: 0 };
  let withoutRequests = 0;
  for (const sample of window.samples) {
    const read = customValueOf(sample.custom, metric.name);
    const value = read?.value ?? null;
    const isIdle = metric.isCounted && (eventsIn(metric, sample) === 0 || read?.reason === 'no_requests');
    if (isIdle) withoutRequests++;
    else if (value !== null && isPossible(metric, value)) {
      samples.push(sample);
      values.push(value);
    } else missing[value !== null || read?.reason === 'out_of_range' ? 'out_of_range' : 'not_measured']++;
  }
  const whole = samples.length === window.samples.length;
  return { ...(whole ? window : windowOf(samples)), values, withoutRequests, missing };
}

/** Finite, not negative, a share at most 1. */
export function isPossible({ kind }: Pick<CustomMetric, 'kind'>, value: number): boolean {
  return Number.isFinite(value) && value >= 0 && (kind !== 'share' || value <= 1);
}

/** The same window as if it held nothing but this metric, in the place of one of the five that is judged alike. */
export function asErrors(window: Measured, metric: CustomMetric, toRatio: (value: number) => number): Measured {
  const samples = window.samples.map((sample, i) => ({
    ...sample,
    error_rate: toRatio(window.values[i] ?? 0),
    requests: eventsIn(metric, sample) ?? ASSUMED_REQUESTS,
  }));
  return { ...window, samples };
}

/** Rates are counted by their own events, never by the sample's requests. */
export function asTraffic(window: Window, metric: CustomMetric): Window {
  const samples = window.samples.map(({ requests: _, ...sample }) => {
    const read = customValueOf(sample.custom, metric.name);
    const value = read?.value ?? null;
    const isUsable = value !== null && isPossible(metric, value);
    const reason = value === null ? (read?.reason ?? 'not_measured') : 'out_of_range';
    return {
      ...sample,
      requests_per_sec: isUsable ? value : null,
      ...(isUsable ? {} : { missing: { ...sample.missing, requests_per_sec: reason } }),
    };
  });
  return { ...window, samples };
}
