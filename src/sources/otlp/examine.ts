import type { OtlpSource } from '../../model/source.ts';
import { METRICS, type MetricName } from '../../verdict/types.ts';
import type { Examination, ExaminedNumber } from '../source.ts';
import { examinedCustom, withFound } from './examine-custom.ts';
import { MINUTE_MS, type Minute } from './fold.ts';
import { MAX_GAP_MS, type Told } from './increments.ts';
import { CPU_SHARES, DURATIONS, MEMORY_SHARES, nameOf, type ShareWay } from './instruments.ts';
import { intervalOf, type PointsStore, readSpan } from './read.ts';
import { requestsByVersion } from './rollout.ts';
import { sampleOf, shareBy, wayName } from './sample.ts';

/** Minutes that a test looks back. */
const LOOK_BACK_MINUTES = 15;
/** Names that are listed to somebody who may have mistyped one. */
const MAX_NAMES = 20;

/** Reads what was pushed as it would be read, and says of each number what came and why not. */
export async function examine(
  store: PointsStore,
  source: OtlpSource,
  { endMs, nowMs }: { readonly endMs: number; readonly nowMs: number },
): Promise<Examination> {
  const span = await readSpan(store, source, { endMs, minutes: LOOK_BACK_MINUTES, nowMs });
  const { told, minutes, rows } = span;
  const known = minutes.flatMap((one) => (one.state === 'known' ? [one.minute] : []));
  const newest = known.at(-1) ?? null;
  const sample = newest === null ? null : sampleOf(newest);
  const reading = sample?.ok ? sample.reading : null;
  const services = await store.listServices({
    projectId: source.projectId,
    env: source.env,
    fromMs: endMs - LOOK_BACK_MINUTES * MINUTE_MS - MAX_GAP_MS,
    toMs: nowMs,
  });
  const nothing = explainNothing(source, services, told, newest);
  const warnings =
    source.settings.serviceName === null && services.length > 1
      ? [`${services.length} services are read as one: ${listed(services)}; name one in service_name`]
      : [];
  const readings = known.map((minute) => sampleOf(minute));
  const numbers = METRICS.map((metric): ExaminedNumber => {
    const value = reading?.numbers[metric] ?? null;
    const isIdle = reading?.missing[metric] === 'no_requests';
    return {
      metric,
      query: madeOf(metric, told, newest),
      value,
      series: streamsOf(metric, told),
      warnings,
      minutesWithData: readings.filter((one) => one.ok && one.reading.numbers[metric] !== null).length,
      problem: value !== null || isIdle ? null : (nothing ?? explain(metric)),
    };
  });
  return {
    outcome: 'examined',
    settings: withFound(source.settings, span),
    scrapeIntervalSeconds: intervalSeconds(told),
    numbers,
    latencyMean: reading?.facts?.latencyMean ?? null,
    latencyBucket: reading?.facts?.latencyBucket ?? null,
    cpuCores: reading?.facts?.cpuCores ?? null,
    versions: newest === null ? null : versionsOf(requestsByVersion(rows, newest.atMs)),
    control: null,
    custom: examinedCustom(span, newest?.atMs ?? endMs),
    success: (['requests_per_sec', 'latency_p95', 'error_rate'] as const).some(
      (name) => (reading?.numbers[name] ?? null) !== null,
    ),
  };
}

/** Requests/s by version; null: some instance tells none. */
function versionsOf(requests: ReadonlyMap<string, number>): Examination['versions'] {
  if (requests.size === 0) return null;
  const perSecond = [...requests].map(([version, count]) => [version, (count * 1_000) / MINUTE_MS]);
  return { requests: Object.fromEntries(perSecond), problem: null };
}

/** Why nothing at all is known; null: something is. */
function explainNothing(
  { settings, env }: OtlpSource,
  services: readonly string[],
  told: Told,
  newest: Minute | null,
): string | null {
  if (newest !== null) return null;
  const { serviceName } = settings;
  if (services.length === 0) {
    return `nothing was received${env === null ? '' : ` for the environment ${JSON.stringify(env)}`} in the last ${LOOK_BACK_MINUTES} minutes: does an exporter send to /v1/metrics with this project’s key?`;
  }
  if (serviceName !== null && !services.includes(serviceName)) {
    return `no service is called ${JSON.stringify(serviceName)}; there are: ${listed(services)}`;
  }
  return told.exports.size === 0
    ? 'nothing was received lately'
    : 'no minute is known whole yet: two exports and a minute between them are needed; try again in two minutes';
}

function explain(metric: MetricName): string {
  if (metric === 'cpu_usage') return `none of ${waysOf(CPU_SHARES)} comes; cores alone are compared where they come`;
  if (metric === 'memory_usage') return `none of ${waysOf(MEMORY_SHARES)} comes`;
  return 'nothing comes of http.server.request.duration: is the instrumentation of the HTTP server switched on, and exported as a histogram?';
}

const waysOf = (ways: readonly ShareWay[]) => ways.map(wayName).join(', ');

function listed(names: readonly string[]): string {
  const shown = names.map((name) => (name === '' ? '(no service.name)' : name)).sort();
  const more = shown.length > MAX_NAMES ? ` and ${shown.length - MAX_NAMES} more` : '';
  return `${shown.slice(0, MAX_NAMES).join(', ')}${more}`;
}

const SHARES: Readonly<Partial<Record<MetricName, readonly ShareWay[]>>> = {
  cpu_usage: CPU_SHARES,
  memory_usage: MEMORY_SHARES,
};

/** The instruments that a number comes from; null: none. */
function madeOf(metric: MetricName, told: Told, newest: Minute | null): string | null {
  const ways = SHARES[metric];
  if (ways !== undefined) {
    const way = newest === null ? undefined : ways.find((one) => shareBy(newest, one) !== null);
    return way === undefined ? null : wayName(way);
  }
  const code = DURATIONS.find((one) => told.increments.some(({ instrument }) => instrument === one));
  return code === undefined ? null : nameOf(code);
}

/** How many senders tell it. */
function streamsOf(metric: MetricName, told: Told): number {
  const ways = SHARES[metric];
  const codes = new Set(
    ways === undefined
      ? DURATIONS
      : ways.map((way) => ('mean' in way ? way.mean : 'idle' in way ? way.idle : way.used)),
  );
  const senders = [...told.increments, ...told.levels].filter(({ instrument }) => codes.has(instrument));
  return new Set(senders.map(({ sender }) => sender)).size;
}

function intervalSeconds(told: Told): number | null {
  const [first] = [...told.exports.values()].filter(({ timesMs }) => timesMs.length > 1);
  return first === undefined ? null : Math.round(intervalOf(first) / 1_000);
}
