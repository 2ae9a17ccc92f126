import { type Window, windowOf } from './admit.ts';
import { hasRequests } from './requests.ts';
import type { Evidence, MetricName, Quantity, Sample } from './types.ts';

/** The part of a window that says something of one metric. */
export interface Measured extends Window {
  /** The metric's numbers, in the order of time. */
  readonly values: readonly number[];
  /** Samples that say nothing of it because they hold no request: latency and errors. */
  readonly withoutRequests: number;
  readonly missing: { readonly not_measured: number; readonly out_of_range: number };
}

/** What `window` holds of `metric`. Of samples without a request latency and errors are passed over, whatever they say. */
export function measured(window: Window, metric: MetricName): Measured {
  const ofRequests = metric === 'latency_p95' || metric === 'error_rate';
  const samples: Sample[] = [];
  const values: number[] = [];
  const missing = { not_measured: 0, out_of_range: 0 };
  let withoutRequests = 0;
  for (const sample of window.samples) {
    const value = sample[metric];
    const reason = sample.missing?.[metric] ?? 'not_measured';
    if (ofRequests && (!hasRequests(sample) || (value === null && reason === 'no_requests'))) withoutRequests++;
    else if (value !== null) {
      samples.push(sample);
      values.push(value);
    } else missing[reason === 'out_of_range' ? 'out_of_range' : 'not_measured']++;
  }
  const whole = samples.length === window.samples.length;
  return { ...(whole ? window : partOf(window, samples)), values, withoutRequests, missing };
}

/** What `window` holds of a number that only some sources know, in the place of a metric; a sample without it lacks it. */
export function measuredFact(window: Window, fact: 'latencyMean' | 'cpuCores', withoutRequests = 0): Measured {
  const samples = window.samples.filter((sample) => sample[fact] !== undefined);
  const whole = samples.length === window.samples.length;
  return {
    ...partOf(window, whole ? window.samples : samples),
    values: samples.map((sample) => sample[fact] ?? Number.NaN),
    withoutRequests,
    missing: { not_measured: window.samples.length - samples.length, out_of_range: 0 },
  };
}

/** Whichever of the two a finding's levels are of. */
export function measuredQuantity(window: Window, quantity: Quantity): Measured {
  if (quantity === 'cpu_cores') return measuredFact(window, 'cpuCores');
  if (quantity === 'latency_mean') return measuredFact(measured(window, 'latency_p95'), 'latencyMean');
  return measured(window, quantity);
}

function partOf(window: Window, samples: readonly Sample[]): Window {
  return samples === window.samples ? window : { ...window, ...windowOf(samples) };
}

/** The part of the evidence that counts samples. */
export type SampleCounts = Pick<
  Evidence,
  'samplesBefore' | 'samplesAfter' | 'samplesWithoutRequests' | 'samplesMissing'
>;

export function countsOf(before: Measured, after: Measured): SampleCounts {
  const outOfRange = before.missing.out_of_range + after.missing.out_of_range;
  const notMeasured = before.missing.not_measured + after.missing.not_measured;
  return {
    samplesBefore: before.samples.length,
    samplesAfter: after.samples.length,
    samplesWithoutRequests: before.withoutRequests + after.withoutRequests,
    ...(outOfRange + notMeasured === 0
      ? {}
      : {
          samplesMissing: {
            ...(notMeasured === 0 ? {} : { not_measured: notMeasured }),
            ...(outOfRange === 0 ? {} : { out_of_range: outOfRange }),
          },
        }),
  };
}

/**
 * Why a metric that was hardly measured can't be judged, as one clause; null when it can. `least` samples after are
 * needed; `isNeverZero`: a service that runs never reads 0 there all the time.
 */
export function whyUnmeasured(
  before: Measured,
  after: Measured,
  { least, isNeverZero }: { least: number; isNeverZero: boolean },
): string | null {
  const lacks = (side: Measured) => side.missing.not_measured + side.missing.out_of_range > 0;
  const how = (side: Measured) =>
    side.missing.out_of_range > side.missing.not_measured ? 'it was out of range' : 'it was not measured';
  const reads0 = (side: Measured) => side.values.length > 0 && side.values.every((value) => value === 0);
  if (isNeverZero && reads0(before) && !reads0(after) && after.values.length > 0) {
    return 'it read 0 before the deployment, as a number does that nobody serves';
  }
  if (isNeverZero && reads0(after) && !reads0(before) && before.values.length > 0) {
    return 'it reads 0 after the deployment, as a number does that nobody serves';
  }
  if (before.samples.length === 0 && lacks(before)) return `${how(before)} before the deployment`;
  if (after.samples.length < least && lacks(after)) {
    const count = after.samples.length;
    const seen = count === 0 ? '' : `, but in ${count} ${count === 1 ? 'sample' : 'samples'}`;
    return `${how(after)} after the deployment${seen}`;
  }
  return null;
}
