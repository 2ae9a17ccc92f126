import type { Window } from './admit.ts';
import { finite } from './assessment.ts';
import type { ControlShift } from './control-shift.ts';
import { countOf, type ErrorCount, minutesOf } from './error-counts.ts';
import { requestsIn } from './requests.ts';
import type { MetricName, Sample } from './types.ts';

/** Trusted where the control moved surely; a ramp that it went along with is in it then. */
export function mapped(window: Window, { trust }: ControlShift, change: (sample: Sample) => Sample): Window {
  return { ...window, samples: window.samples.map(change), ...(trust >= TRUSTED ? { isRampless: true } : {}) };
}

const TRUSTED = 0.5;
/** The window before, taken to where the control's change would have led it: traffic and CPU in proportion, memory by as much. */
export function ledBy(control: ControlShift, metric: Exclude<MetricName, 'latency_p95'>, before: Window): Window {
  if (metric === 'error_rate') return withErrors(before, control);
  const change = { requests_per_sec: withTraffic, cpu_usage: withCpu, memory_usage: withMemory }[metric];
  return mapped(before, control, (sample) => change(sample, control));
}

/** Keeps the factor of a control with next to no traffic finite: six requests a minute. */
const IDLE_RPS = 0.1;
const MAX_TIMES = 20;

function withTraffic(sample: Sample, { before, after, trust }: ControlShift): Sample {
  if (sample.requests_per_sec === null) return sample;
  const times = ((after + IDLE_RPS) / (before + IDLE_RPS)) ** trust;
  const factor = Math.max(1 / MAX_TIMES, Math.min(MAX_TIMES, times));
  const requests = sample.requests === undefined ? {} : { requests: finite(sample.requests * factor) };
  return { ...sample, requests_per_sec: finite(sample.requests_per_sec * factor), ...requests };
}

/** As many more failed, known as well as the counts of both allow. */
function withErrors(window: Window, control: ControlShift): Window {
  const { before, trust } = control;
  const by = trust * ((control.expected ?? control.after) - before);
  const own = countOf(minutesOf(window));
  const weight = own.requests > 0 ? requestsBehind(own, by, control) / own.requests : 1;
  return mapped(window, control, (sample) => {
    const count = requestsIn(sample);
    return sample.error_rate === null
      ? sample
      : {
          ...sample,
          error_rate: share(sample.error_rate + by),
          ...(count === null ? {} : { requests: finite(count * weight) }),
        };
  });
}

/**
 * So many requests would tell the expected ratio as surely as it is known: the variance of p of n requests is p(1 − p) ÷ n, and
 * that of a sum the sum of what is not known of the service before and of the control after (half a failure more where none was
 * seen). One sample before says little of 5 % of failures that are expected after it; thousands of requests of the control do.
 */
function requestsBehind(own: ErrorCount, by: number, { after, requests = 0 }: ControlShift): number {
  const ownRatio = (own.failed + 0.5) / (own.requests + 1);
  const controlRatio = (after * requests + 0.5) / (requests + 1);
  const variance =
    (ownRatio * (1 - ownRatio)) / (own.requests + 1) + (controlRatio * (1 - controlRatio)) / (requests + 1);
  const expected = Math.max(MIN_RATIO, Math.min(1 - MIN_RATIO, own.ratio + by));
  return (expected * (1 - expected)) / variance;
}

/** Where nothing or everything fails, nothing would be left to be unsure of. */
const MIN_RATIO = 1e-4;

function withMemory(sample: Sample, { before, after, trust }: ControlShift): Sample {
  const { memory_usage: memory } = sample;
  return memory === null ? sample : { ...sample, memory_usage: share(memory + trust * (after - before)) };
}

function withCpu(sample: Sample, { before, after, trust }: ControlShift): Sample {
  const times = before > 0 ? Math.min(MAX_TIMES, after / before) ** trust : 1;
  const { cpu_usage: cpu, cpuCores } = sample;
  return {
    ...sample,
    cpu_usage: cpu === null ? null : share(cpu * times),
    ...(cpuCores === undefined ? {} : { cpuCores: finite(cpuCores * times) }),
  };
}

const share = (value: number) => Math.max(0, Math.min(1, value));
