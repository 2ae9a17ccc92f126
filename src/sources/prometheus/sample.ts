import type { Reading, SampleFacts } from '../../model/sample.ts';
import { METRICS, type MetricName, type MissingReason } from '../../verdict/types.ts';
import type { QueryAnswer } from './answer.ts';
import { type CustomAnswers, customAt } from './custom.ts';
import { manySeries, pointAt } from './points.ts';
import type { Queries } from './presets.ts';

export type Answers = Readonly<Partial<Record<keyof Queries, QueryAnswer>>>;

export type ParsedSample =
  | { readonly ok: true; readonly reading: Reading; readonly leftOut: readonly string[] }
  | { readonly ok: false; readonly reason: string };

/** A share of 1 in floating point may come out as 1.0000000000000002. */
const ROUNDING = 1e-9;

const IS_RATIO: Readonly<Record<MetricName, boolean>> = {
  requests_per_sec: false,
  latency_p95: false,
  error_rate: true,
  cpu_usage: true,
  memory_usage: true,
};

/**
 * The sample of the minute that ends at `atMs` (epoch milliseconds) from the answers of instant or range queries. A
 * number that is not there is null with its reason and the others count; a sample without any is no sample.
 */
export function sampleAt(input: {
  readonly answers: Answers;
  readonly atMs: number;
  /** Upper edges of the histogram's buckets, milliseconds, rising; empty: not known. */
  readonly edgesMs: readonly number[];
  readonly windowSeconds: number;
  /** Metrics of the team's own; absent: none. */
  readonly custom?: readonly CustomAnswers[];
}): ParsedSample {
  const { answers, atMs } = input;
  const requests = numberAt('requests_per_sec', answers, atMs);
  const numbers: Partial<Record<MetricName, number | null>> = {};
  const missing: Partial<Record<MetricName, MissingReason>> = {};
  const leftOut: string[] = [];
  for (const name of METRICS) {
    const found = numberAt(name, answers, atMs);
    numbers[name] = found.value;
    if (found.value !== null) continue;
    const isOfRequests = name === 'latency_p95' || name === 'error_rate';
    // 0/0, and histograms without an observation: nobody asked anything, and nothing is wrong.
    missing[name] =
      isOfRequests && requests.value === 0 && found.reason !== 'out_of_range' ? 'no_requests' : found.reason;
    leftOut.push(`${name} ${found.clause}`);
  }
  if (leftOut.length === METRICS.length) return { ok: false, reason: [...new Set(leftOut)].join('; ') };
  const facts = factsAt(input, numbers.latency_p95 ?? null);
  const custom = customAt(input.custom ?? [], atMs, input.windowSeconds);
  const own = Object.keys(custom.values).length === 0 ? {} : { custom: custom.values };
  return {
    ok: true,
    reading: { numbers: numbers as Reading['numbers'], missing, facts: { ...facts, ...own } },
    leftOut: [...leftOut, ...custom.leftOut],
  };
}

type FoundNumber =
  | { readonly value: number; readonly reason: null }
  | { readonly value: null; readonly reason: MissingReason; readonly clause: string };

function numberAt(name: MetricName, answers: Answers, atMs: number): FoundNumber {
  const answer = answers[name];
  if (answer === undefined) return absent('has no query');
  if (answer.outcome !== 'ok') return absent(`was refused: ${answer.reason}`);
  if (answer.series.length > 1) return absent(manySeries(answer.series.length));
  const value = pointAt(answer, atMs);
  if (value === null) return absent('has no data');
  if (Number.isNaN(value)) return absent('is NaN');
  const ceiling = IS_RATIO[name] ? 1 : Number.MAX_VALUE;
  if (value < 0 || value > ceiling * (1 + ROUNDING)) {
    return {
      value: null,
      reason: 'out_of_range',
      clause: `is ${value}, expected ${IS_RATIO[name] ? '0..1' : '0 or more'}`,
    };
  }
  return { value: Math.min(value, ceiling), reason: null };
}

function absent(clause: string): FoundNumber {
  return { value: null, reason: 'not_measured', clause };
}

function factsAt(input: Parameters<typeof sampleAt>[0], p95: number | null): SampleFacts {
  const { answers, atMs, edgesMs, windowSeconds } = input;
  const mean = usable(pointAt(answers.latencyMean, atMs));
  const cores = usable(pointAt(answers.cpuCores, atMs));
  const bucket = p95 === null ? null : bucketOf(p95, edgesMs);
  return {
    windowSeconds,
    ...(mean === null ? {} : { latencyMean: mean }),
    ...(cores === null ? {} : { cpuCores: cores }),
    ...(bucket === null ? {} : { latencyBucket: bucket }),
  };
}

function usable(value: number | null): number | null {
  return value !== null && Number.isFinite(value) && value >= 0 ? value : null;
}

/**
 * The bucket that a p95 was interpolated in. null at the last finite edge: that is also what Prometheus answers for
 * everything beyond it.
 */
export function bucketOf(p95: number, edgesMs: readonly number[]): { low: number; high: number } | null {
  const index = edgesMs.findIndex((edge) => p95 <= edge);
  const high = edgesMs[index];
  const last = edgesMs.at(-1);
  if (high === undefined || last === undefined || p95 >= last) return null;
  return { low: edgesMs[index - 1] ?? 0, high };
}

/** The finite edges of a histogram in milliseconds, rising, from the `le` labels of its buckets. */
export function edgesOf(answer: QueryAnswer | undefined, unitMs: number): number[] {
  if (answer?.outcome !== 'ok') return [];
  const edges = answer.series.map(({ labels }) => Number(labels.le) * unitMs).filter((edge) => Number.isFinite(edge));
  return [...new Set(edges)].sort((a, b) => a - b);
}
