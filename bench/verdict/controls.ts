import type { ControlSample, JudgeInput, MetricName, Sample, SampleNumbers } from '../../src/verdict/types.ts';

/** What hits a service and its control at once. Rates are multiplied, the others added. */
export interface Shock {
  readonly name: string;
  readonly traffic: number;
  readonly latencyMs: number;
  readonly errors: number;
}

export const NO_SHOCK: Shock = { name: 'none', traffic: 1, latencyMs: 0, errors: 0 };
export const SHOCKS: readonly Shock[] = [
  { ...NO_SHOCK, name: 'traffic ×2', traffic: 2 },
  { ...NO_SHOCK, name: 'traffic ÷4', traffic: 0.25 },
  { ...NO_SHOCK, name: '+100 ms', latencyMs: 100 },
  { ...NO_SHOCK, name: '5 % errors', errors: 0.05 },
  { name: 'all three', traffic: 2, latencyMs: 100, errors: 0.05 },
];

/** CPU beyond this at rest grows with traffic. */
const IDLE_CPU = 0.05;

function shocked<Numbers extends SampleNumbers>(numbers: Numbers, shock: Shock): Numbers {
  const { requests_per_sec: rps, latency_p95: p95, error_rate: errors, cpu_usage: cpu } = numbers;
  const busy = cpu === null ? null : Math.min(1, cpu + Math.max(0, cpu - IDLE_CPU) * (shock.traffic - 1));
  return {
    ...numbers,
    requests_per_sec: rps === null ? null : rps * shock.traffic,
    latency_p95: p95 === null || rps === 0 ? p95 : p95 + shock.latencyMs,
    error_rate: errors === null || rps === 0 ? errors : Math.min(1, errors + shock.errors * (1 - errors)),
    cpu_usage: busy,
  };
}

/** The samples after, hit by the shock: of the requests that would have gone well so many fail, drawn one by one. */
export function underShock(input: JudgeInput, shock: Shock, random: () => number): JudgeInput {
  return { ...input, post: input.post.map((sample) => drawn(sample, shock, random)) };
}

/** The same hit on both sides: a service that has always been like that. What is lost here no control can bring back. */
export function alwaysSo(input: JudgeInput, shock: Shock, random: () => number): JudgeInput {
  const { pre, post } = underShock(input, shock, random);
  return { ...input, post, pre: pre.map((sample) => drawn(sample, shock, random)) };
}

function drawn(sample: Sample, shock: Shock, random: () => number): Sample {
  const hit = shocked(sample, shock);
  const ratio = hit.error_rate;
  const requests = Math.round((hit.requests_per_sec ?? 0) * 60);
  if (shock.errors === 0 || ratio === null || requests === 0) return hit;
  const own = (sample.error_rate ?? 0) * requests;
  const more = failuresOf(Math.max(0, Math.round(requests - own)), shock.errors, random, normalFrom(random));
  return { ...hit, error_rate: Math.min(1, (own + more) / requests) };
}

const normalFrom = (random: () => number) => () =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Deviations of a control's samples around the service's own: another instance of it is as noisy. */
const NOISE = { latency: 0.12, traffic: 0.08, cpu: 0.02, memory: 0.01 };

/**
 * The same with a control: other instances of this service, at its level before, each with the noise of its samples before and
 * some of its own, and its failures drawn anew. They are hit by the shock and by nothing else: what drifts here does not drift
 * there.
 */
export function withControl(input: JudgeInput, shock: Shock, instances: number, random: () => number): JudgeInput {
  const { pre } = input;
  const normal = normalFrom(random);
  const control = (hit: Shock): { control?: ControlSample } => {
    if (pre.length === 0) return {};
    const each = Array.from({ length: instances }, () => instanceLike(pre, hit, random, normal));
    return { control: { numbers: together(each) } };
  };
  return {
    ...input,
    pre: pre.map((sample) => ({ ...sample, ...control(NO_SHOCK) })),
    post: input.post.map((sample) => ({ ...sample, ...control(shock) })),
  };
}

function instanceLike(
  pre: readonly SampleNumbers[],
  hit: Shock,
  random: () => number,
  normal: () => number,
): SampleNumbers {
  const like = pre[Math.floor(random() * pre.length)] as SampleNumbers;
  const { requests_per_sec: rps, latency_p95: p95, cpu_usage: cpu, memory_usage: memory } = like;
  const share = (value: number) => Math.max(0, Math.min(1, value));
  const numbers = shocked(
    {
      requests_per_sec: rps === null ? null : rps * Math.exp(NOISE.traffic * normal()),
      latency_p95: p95 === null ? null : p95 * Math.exp(NOISE.latency * normal()),
      error_rate: like.error_rate,
      cpu_usage: cpu === null ? null : share(cpu + NOISE.cpu * normal()),
      memory_usage: memory === null ? null : share(memory + NOISE.memory * normal()),
    },
    hit,
  );
  // Where nobody counts requests there is nothing to draw from.
  if (numbers.requests_per_sec === null) return numbers;
  const requests = Math.round(numbers.requests_per_sec * 60);
  const failed = failuresOf(requests, numbers.error_rate ?? 0, random, normal);
  return { ...numbers, error_rate: requests > 0 ? failed / requests : 0 };
}

/** Requests of all of them, errors by requests, and the mean of the rest. */
function together(all: readonly SampleNumbers[]): SampleNumbers {
  const mean = (metric: MetricName) => {
    const known = all.flatMap((one) => one[metric] ?? []);
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
  };
  const isCounted = mean('requests_per_sec') !== null;
  const rps = all.reduce((sum, one) => sum + (one.requests_per_sec ?? 0), 0);
  const failed = all.reduce((sum, one) => sum + (one.error_rate ?? 0) * (one.requests_per_sec ?? 0), 0);
  const byRequests = rps > 0 ? failed / rps : 0;
  return {
    requests_per_sec: isCounted ? rps : null,
    latency_p95: mean('latency_p95'),
    error_rate: isCounted ? byRequests : mean('error_rate'),
    cpu_usage: mean('cpu_usage'),
    memory_usage: mean('memory_usage'),
  };
}

/** Beyond so many a normal distribution does for the binomial. */
const MANY = 500;

function failuresOf(requests: number, ratio: number, random: () => number, normal: () => number): number {
  if (requests > MANY) {
    const drawn = Math.round(requests * ratio + normal() * Math.sqrt(requests * ratio * (1 - ratio)));
    return Math.max(0, Math.min(requests, drawn));
  }
  return Array.from({ length: requests }, random).filter((one) => one < ratio).length;
}
