import { METRICS, type MetricName } from '../../src/verdict/types.ts';
import type { Case } from '../verdict/cases.ts';

const NAME = 'http_server_request_duration_seconds';
const SCRAPE_SECONDS = 15;
const MINUTE_SECONDS = 60;
/** Scrapes do not fall on the minute. */
const OFFSET_SECONDS = 7;
/** Counters of an application that has run for a while: near zero rate() guesses when they began. */
const BASE = 1_000_000;
/** Spread of the logarithm of latencies: p95 is 1.65 of these above the median, the mean half its square above it. */
const SPREAD = 0.4;
export const Z95 = 1.6448536269514722;

/** As the instrumentation of HTTP advises, after the semantic conventions; seconds. */
export const OTEL_EDGES: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];

type Minute = Readonly<Record<MetricName, number>>;

/** All minutes of a case, the last one before right ahead of the first one after. */
export function minutesOf({ before, after }: Case): Minute[] {
  return [before, after].flatMap((columns) =>
    columns.requests_per_sec.map(
      (_, index) => Object.fromEntries(METRICS.map((name) => [name, columns[name][index] ?? Number.NaN])) as Minute,
    ),
  );
}

/** Edges 4 % apart around all that a case's p95 comes to; seconds. */
export function fineEdges(minutes: readonly Minute[]): number[] {
  const known = minutes.map((minute) => minute.latency_p95).filter((ms) => ms > 0);
  const low = (known.length === 0 ? 1 : Math.min(...known)) / 1_000 / 1.1;
  const high = (known.length === 0 ? 1 : Math.max(...known)) / 1_000 / 0.9;
  const edges: number[] = [];
  for (let edge = low; edge < high * 1.04; edge *= 1.04) edges.push(Number(edge.toPrecision(6)));
  return edges;
}

/**
 * What an instrumented application would have exported while it went through these minutes, as OpenMetrics lines: latencies
 * spread log-normally below and above each minute's p95. Counters are not rounded: what is compared is the road that
 * numbers take, not what sampling does to few requests.
 */
export function linesOf(
  id: string,
  minutes: readonly Minute[],
  edges: readonly number[],
  startSeconds: number,
): string[] {
  const label = `service_name="${id}"`;
  const series: readonly { readonly name: string; readonly perSecond: (minute: Minute) => number }[] = [
    {
      name: `${NAME}_count{${label},http_response_status_code="200"}`,
      perSecond: (minute) => minute.requests_per_sec * (1 - minute.error_rate),
    },
    {
      name: `${NAME}_count{${label},http_response_status_code="500"}`,
      perSecond: (minute) => minute.requests_per_sec * minute.error_rate,
    },
    {
      name: `${NAME}_sum{${label},http_response_status_code="200"}`,
      perSecond: (minute) => minute.requests_per_sec * meanSeconds(minute.latency_p95),
    },
    ...[...edges, Number.POSITIVE_INFINITY].map((edge) => ({
      name: `${NAME}_bucket{${label},http_response_status_code="200",le="${edge === Number.POSITIVE_INFINITY ? '+Inf' : edge}"}`,
      perSecond: (minute: Minute) => minute.requests_per_sec * shareBelow(edge, minute.latency_p95),
    })),
    { name: `jvm_cpu_time_seconds_total{${label}}`, perSecond: (minute) => minute.cpu_usage },
  ];
  const scrapes = scrapesOf(minutes.length);
  return [
    ...series.flatMap(({ name, perSecond }) => counterLines(name, minutes.map(perSecond), startSeconds)),
    ...scrapes.flatMap((seconds) => {
      const minute = minutes[Math.floor(seconds / MINUTE_SECONDS)];
      const at = startSeconds + seconds;
      return [
        `jvm_cpu_count{${label}} 1 ${at}`,
        `jvm_memory_limit_bytes{${label},jvm_memory_type="heap"} 1 ${at}`,
        `jvm_memory_used_bytes{${label},jvm_memory_type="heap"} ${minute?.memory_usage} ${at}`,
      ];
    }),
  ];
}

export interface ExportState {
  /** Since the case began. */
  readonly atSeconds: number;
  /** All since long ago, as cumulative streams have it. */
  readonly succeeded: number;
  readonly failed: number;
  readonly seconds: number;
  /**
   * Requests between two edges, seconds. Summed bucket by bucket, so that none ever falls by the last bits of a difference,
   * which would be a restart.
   */
  readonly between: (low: number, high: number) => number;
  readonly cpuSeconds: number;
  readonly memory: number;
}

/** The same minutes as an application would push them by OTLP: what has come so far, every 15 s. */
export function exportsOf(minutes: readonly Minute[]): ExportState[] {
  const before = (atSeconds: number) =>
    minutes.map((minute, index) => ({
      minute,
      elapsed: Math.min(MINUTE_SECONDS, Math.max(0, atSeconds - index * MINUTE_SECONDS)),
    }));
  // One before it began, so that its first minute is known from its first second on.
  return [
    OFFSET_SECONDS - SCRAPE_SECONDS,
    ...scrapesOf(minutes.length),
    minutes.length * MINUTE_SECONDS + OFFSET_SECONDS,
  ].map((atSeconds) => {
    const parts = before(atSeconds);
    const total = (of: (minute: Minute) => number) =>
      parts.reduce((sum, { minute, elapsed }) => sum + of(minute) * elapsed, 0);
    const now = minutes[Math.min(minutes.length - 1, Math.max(0, Math.floor(atSeconds / MINUTE_SECONDS)))];
    return {
      atSeconds,
      succeeded: total((minute) => minute.requests_per_sec * (1 - minute.error_rate)),
      failed: total((minute) => minute.requests_per_sec * minute.error_rate),
      seconds: total((minute) => minute.requests_per_sec * meanSeconds(minute.latency_p95)),
      between: (low, high) =>
        total(
          ({ requests_per_sec, latency_p95 }) =>
            requests_per_sec * Math.max(0, shareBelow(high, latency_p95) - shareBelow(low, latency_p95)),
        ),
      cpuSeconds: total((minute) => minute.cpu_usage),
      memory: now?.memory_usage ?? Number.NaN,
    };
  });
}

function scrapesOf(minutes: number): number[] {
  const count = (minutes * MINUTE_SECONDS) / SCRAPE_SECONDS;
  return Array.from({ length: count }, (_, index) => OFFSET_SECONDS + index * SCRAPE_SECONDS);
}

function counterLines(name: string, perSecond: readonly number[], startSeconds: number): string[] {
  let value = BASE;
  let atSeconds = 0;
  return scrapesOf(perSecond.length).map((seconds) => {
    for (; atSeconds < seconds; atSeconds += 1) value += perSecond[Math.floor(atSeconds / MINUTE_SECONDS)] ?? 0;
    return `${name} ${value} ${startSeconds + seconds}`;
  });
}

function meanSeconds(p95Ms: number): number {
  return (p95Ms / 1_000) * Math.exp(SPREAD ** 2 / 2 - Z95 * SPREAD);
}

function shareBelow(edgeSeconds: number, p95Ms: number): number {
  if (edgeSeconds <= 0) return 0;
  if (edgeSeconds === Number.POSITIVE_INFINITY || p95Ms <= 0) return 1;
  return normalShare((Math.log(edgeSeconds) - Math.log(p95Ms / 1_000)) / SPREAD + Z95);
}

/** Cumulative normal distribution, to 1.5e-7 (Abramowitz and Stegun 7.1.26). */
export function normalShare(z: number): number {
  const t = 1 / (1 + (0.3275911 * Math.abs(z)) / Math.SQRT2);
  const polynomial = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const upper = 1 - polynomial * Math.exp((-z * z) / 2);
  return z >= 0 ? (1 + upper) / 2 : (1 - upper) / 2;
}
