import type { Reading, SampleFacts } from '../../model/sample.ts';
import type { CustomValues } from '../../verdict/custom/custom-metric.ts';
import { METRICS, type MetricName, type MissingReason } from '../../verdict/types.ts';
import { quantileOf } from './distribution.ts';
import { MINUTE_MS, type Minute } from './fold.ts';
import { CPU_CORES, CPU_SHARES, MEMORY_SHARES, nameOf, type ShareWay } from './instruments.ts';

export type MinuteSample =
  | { readonly ok: true; readonly reading: Reading; readonly leftOut: readonly string[] }
  | { readonly ok: false; readonly reason: string };

/** With metrics of the team's own; of none nothing is said. */
export function withCustom(
  sample: MinuteSample,
  { values, leftOut }: { readonly values: CustomValues; readonly leftOut: readonly string[] },
): MinuteSample {
  if (!sample.ok || Object.keys(values).length === 0) return sample;
  const { reading } = sample;
  return {
    ok: true,
    reading: { ...reading, facts: { ...reading.facts, custom: values } },
    leftOut: [...sample.leftOut, ...leftOut],
  };
}

const P95 = 0.95;
/** Shares of measured things pass 1 by what measuring is out; more is another unit. */
const ROUNDING = 0.01;

/** The five numbers of a minute, and what is known beyond them. A minute of which nothing is known is no sample. */
export function sampleOf(minute: Minute): MinuteSample {
  const { requests } = minute;
  const isIdle = minute.hasRequests && requests <= 0;
  const p95 = isIdle ? null : quantileOf(minute.latencies, P95);
  const found: Readonly<Record<MetricName, Found>> = {
    requests_per_sec: minute.hasRequests
      ? { value: requests / (MINUTE_MS / 1_000) }
      : absent('not_measured', 'has no data: nothing came of http.server.request.duration'),
    latency_p95: p95 === null ? ofNoRequests(isIdle, 'has no data: no histogram came') : { value: p95.ms },
    error_rate: requests > 0 ? { value: Math.min(1, minute.failures / requests) } : ofNoRequests(isIdle, 'has no data'),
    cpu_usage: shareOf(minute, CPU_SHARES),
    memory_usage: shareOf(minute, MEMORY_SHARES),
  };
  const numbers = Object.fromEntries(METRICS.map((name) => [name, found[name].value])) as Reading['numbers'];
  const missing: Partial<Record<MetricName, MissingReason>> = {};
  const leftOut: string[] = [];
  for (const name of METRICS) {
    const one = found[name];
    if (one.value !== null) continue;
    missing[name] = one.reason;
    leftOut.push(`${name} ${one.clause}`);
  }
  if (leftOut.length === METRICS.length) return { ok: false, reason: [...new Set(leftOut)].join('; ') };
  return { ok: true, reading: { numbers, missing, facts: factsOf(minute, p95?.bucket ?? null) }, leftOut };
}

type Found =
  | { readonly value: number }
  | { readonly value: null; readonly reason: MissingReason; readonly clause: string };

function absent(reason: MissingReason, clause: string): Found {
  return { value: null, reason, clause };
}

function ofNoRequests(isIdle: boolean, clause: string): Found {
  return isIdle ? absent('no_requests', 'is of no request') : absent('not_measured', clause);
}

function factsOf(minute: Minute, bucket: { low: number; high: number } | null): SampleFacts {
  const { requests, sumMs, stretchSeconds } = minute;
  const cores = coresOf(minute);
  return {
    // Spread over more than a minute, what is told of one is of them all.
    windowSeconds: Math.max(MINUTE_MS / 1_000, stretchSeconds),
    ...(sumMs !== null && requests > 0 ? { latencyMean: sumMs / requests } : {}),
    ...(bucket === null ? {} : { latencyBucket: bucket }),
    ...(cores === null ? {} : { cpuCores: cores }),
  };
}

function shareOf(minute: Minute, ways: readonly ShareWay[]): Found {
  for (const way of ways) {
    const share = shareBy(minute, way);
    if (share === null) continue;
    if (share < 0 || share > 1 + ROUNDING) {
      return absent('out_of_range', `is ${Number(share.toPrecision(4))} by ${wayName(way)}, expected 0..1`);
    }
    return { value: Math.min(1, share) };
  }
  return absent('not_measured', 'has no data');
}

/** What a share was made of, for people. */
export function wayName(way: ShareWay): string {
  if ('mean' in way) return nameOf(way.mean);
  return 'idle' in way ? nameOf(way.idle) : `${nameOf(way.used)} / ${nameOf(way.of)}`;
}

/** null: nothing of it was told. */
export function shareBy({ used }: Pick<Minute, 'used'>, way: ShareWay): number | null {
  const all = (code: number) => used.get(code) ?? [];
  if ('mean' in way) {
    const ofSenders = [...Map.groupBy(all(way.mean), ({ sender }) => sender).values()];
    return ofSenders.length === 0
      ? null
      : mean(ofSenders.map((parts) => parts.reduce((sum, { value }) => sum + value, 0)));
  }
  if ('idle' in way) {
    const idle = all(way.idle).map(({ value }) => value);
    return idle.length === 0 ? null : 1 - mean(idle);
  }
  const limits = Map.groupBy(all(way.of), ({ sender }) => sender);
  const held = all(way.used).filter(({ sender }) => limits.has(sender));
  const senders = new Set(held.map(({ sender }) => sender));
  const limit = [...senders].flatMap((sender) => limits.get(sender) ?? []).reduce((sum, { value }) => sum + value, 0);
  return limit > 0 ? held.reduce((sum, { value }) => sum + value, 0) / limit : null;
}

function coresOf({ used }: Minute): number | null {
  const code = CPU_CORES.find((one) => used.has(one));
  if (code === undefined) return null;
  const cores = (used.get(code) ?? []).reduce((sum, { value }) => sum + value, 0);
  return cores >= 0 ? cores : null;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
