import { LATENCY_OFFSET_MS } from './latency-level.ts';
import { median, robustSpread } from './order-statistics.ts';
import { requestsIn } from './requests.ts';
import type { Tuning } from './tuning.ts';
import type { ControlSample, MetricName, Sample } from './types.ts';

/** What a control did in the same minutes, in the metric's unit. */
export interface ControlShift {
  readonly before: number;
  readonly after: number;
  /** How much of its change is more than its own noise and drift, 0..1: what is not is nobody's shock. */
  readonly trust: number;
  /** It got worse. */
  readonly isWorse: boolean;
  /** Of errors: requests behind the level after. */
  readonly requests?: number;
  /** Of errors: the level after that its counts still allow, where that is higher than the one seen. */
  readonly expected?: number;
}

/** What is compared by its level; errors are by counts. */
export type Leveled = Exclude<MetricName, 'error_rate'> | 'latencyMean' | 'cpuCores';

/** On which scale the noise of a number is even. */
const SCALE: Readonly<Record<Leveled, (value: number) => number>> = {
  latency_p95: (ms) => Math.log(ms + LATENCY_OFFSET_MS),
  latencyMean: (ms) => Math.log(ms + LATENCY_OFFSET_MS),
  requests_per_sec: (rps) => Math.log(rps + 1),
  cpu_usage: (share) => share,
  cpuCores: (cores) => Math.log(cores + 0.05),
  memory_usage: (share) => share,
};

/**
 * How far a control's level moved from the samples before to those after, in which window the deployment's own samples lie.
 * null where too little is known of it. The later half of the window counts where it got worse there: a shock that comes late
 * hits late. Its change is trusted from z standard errors on, and in full from half as many more, drift between windows
 * included; z is stricter where it got better. Lost traffic is trusted by as much as is expected to be real.
 */
export function shiftOf(
  fact: Leveled,
  before: readonly ControlSample[],
  after: readonly ControlSample[],
  asked: number,
  tuning: Tuning,
): ControlShift | null {
  const was = valuesOf(before, fact);
  const is = valuesOf(after, fact);
  if (was.length === 0 || is.length < Math.max(2, asked / 2)) return null;
  const worse = fact === 'requests_per_sec' ? -1 : 1;
  const working = (values: readonly number[]) => values.map((value) => worse * SCALE[fact](value));
  const from = median(was);
  const whole = median(is);
  const late = median(is.slice(-Math.max(2, Math.ceil(is.length / 2))));
  const to = worse * (late - whole) > 0 ? late : whole;
  const [start, end] = working([from, to]);
  const change = (end ?? 0) - (start ?? 0);
  const residuals = [working(was), working(is)].flatMap((values) => {
    const level = median(values);
    return values.length > 1 ? values.map((value) => value - level) : [];
  });
  const { sampleSd, driftSd } = noiseOf(fact, from, tuning);
  const seen = Math.max(0, was.length + is.length - 2);
  const spread = robustSpread(residuals);
  const variance = (sampleSd ** 2 * tuning.priorSamples + seen * spread ** 2) / (tuning.priorSamples + seen);
  const error = Math.sqrt(variance * (1 / was.length + 1 / is.length) + driftSd ** 2);
  return { before: from, after: to, trust: trustIn(fact, change, error), isWorse: change > 0 };
}

/** The same of the share of failed requests, by counts. */
export function errorShiftOf(
  before: readonly ControlSample[],
  after: readonly ControlSample[],
  asked: number,
  tuning: Tuning,
): ControlShift | null {
  const was = failuresOf(before);
  const is = failuresOf(after);
  if (was.samples === 0 || is.samples < Math.max(2, asked / 2) || is.requests <= 0 || was.requests <= 0) return null;
  const from = was.failed / was.requests;
  const seen = is.failed / is.requests;
  const known = (is.failed + 1) / (is.requests + 2);
  const to = seen > from ? Math.min(1, seen + COUNTED_Z * Math.sqrt((known * (1 - known)) / is.requests)) : seen;
  const pooled = (was.failed + is.failed + 0.5) / (was.requests + is.requests + 1);
  const sampling = pooled * (1 - pooled) * (1 / was.requests + 1 / is.requests);
  const error = Math.sqrt(sampling + (tuning.errorDriftShare * pooled) ** 2);
  // Where more fail, how sure that is lies in the counts (control-window.ts).
  const trust = to > from ? 1 : beyond(BETTER_Z, from - to, error);
  return { before: from, after: seen, expected: to, trust, isWorse: to > from, requests: is.requests };
}

function trustIn(fact: Leveled, change: number, error: number): number {
  if (change <= 0) return beyond(BETTER_Z, -change, error);
  return fact === 'requests_per_sec' ? shrunk(change, error) : beyond(WORSE_Z, change, error);
}

/** 0 up to z standard errors, 1 from half as many more. */
function beyond(z: number, change: number, error: number): number {
  return Math.max(0, Math.min(1, (change / (z * error) - 1) / (FULL_TRUST - 1)));
}

/**
 * The part of a change that is expected to be real where changes and noise are as large as each other: z² ÷ (z² + 1), as
 * Stein's estimator shrinks. With a threshold all of a loss below it would be the deployment's.
 */
function shrunk(change: number, error: number): number {
  return change ** 2 / (change ** 2 + error ** 2);
}

/** Standard errors from which on a control's change for the worse is trusted (bench/verdict/run-control.ts). */
const WORSE_Z = 1.25;
/** The same where it got better: more is held against the deployment then, so chance must be out of the question. */
const BETTER_Z = 4;
/** Failures of the control are counted too: its ratio may lie so many standard errors higher than was seen. */
const COUNTED_Z = 2;
/** Times what change is trusted at all. */
const FULL_TRUST = 1.5;
/** Of CPU in cores, whose drift nobody measured: as large as that of usage is of its level at half load. */
const CORES_DRIFT = 0.15;

/** What tuning.ts says of it: how far samples scatter, and how far windows drift apart, on the scale of `SCALE`. */
function noiseOf(
  fact: Leveled,
  level: number,
  { latency, traffic, memory, cpu, cpuDriftSlope }: Tuning,
): { readonly sampleSd: number; readonly driftSd: number } {
  switch (fact) {
    case 'latency_p95':
    case 'latencyMean':
      return latency;
    case 'requests_per_sec':
      return traffic;
    case 'memory_usage':
      return memory;
    case 'cpu_usage':
      return { ...cpu, driftSd: cpu.driftSd + cpuDriftSlope * level * (1 - level) };
    case 'cpuCores':
      return { ...cpu, driftSd: CORES_DRIFT };
  }
}

function valuesOf(samples: readonly ControlSample[], fact: Leveled): number[] {
  const isOfRequests = fact === 'latency_p95' || fact === 'latencyMean';
  return samples.flatMap((sample) => {
    const value = fact === 'latencyMean' || fact === 'cpuCores' ? sample[fact] : sample.numbers[fact];
    const isEmpty = isOfRequests && sample.numbers.requests_per_sec === 0;
    return value === undefined || value === null || isEmpty || !(value >= 0) ? [] : [Math.min(LARGEST, value)];
  });
}

function failuresOf(samples: readonly ControlSample[]): { samples: number; requests: number; failed: number } {
  let [count, requests, failed] = [0, 0, 0];
  for (const { numbers, ...facts } of samples) {
    const ratio = numbers.error_rate;
    if (ratio === null) continue;
    const sample: Sample = { collectedAtMs: 0, lateSeconds: 0, ...numbers, ...facts };
    const seen = Math.min(LARGEST, requestsIn(sample) ?? UNKNOWN_REQUESTS);
    if (seen < MIN_REQUESTS) continue;
    count++;
    requests += seen;
    failed += seen * Math.min(1, Math.max(0, ratio));
  }
  return { samples: count, requests, failed };
}

/** Sums, squares and ratios of what is no larger stay numbers. */
const LARGEST = 1e100;
/** A share of a request is none. */
const MIN_REQUESTS = 1e-3;
/** Where nobody counted. */
const UNKNOWN_REQUESTS = 20;
