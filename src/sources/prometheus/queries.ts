import type { PrometheusSettings } from '../../model/source.ts';
import { CONTAINERS, formOf, type Queries } from './presets.ts';

/** Seconds, where nothing better was found: a minute is what a sample is asked for. */
export const MIN_WINDOW_SECONDS = 60;

/** What a source is asked, ready to send: the preset's, CPU and memory of its containers, and over both its own. */
export function queriesOf(settings: PrometheusSettings): Queries {
  const preset = settings.preset === null ? {} : formOf(settings.preset, settings).queries;
  const known: Queries = {
    ...preset,
    ...(settings.containers === null ? {} : CONTAINERS),
    ...settings.queries,
  };
  // A p95 of somebody's own need not come from the preset's histogram, nor a CPU from its process.
  const own = settings.queries;
  const { latencyMean, buckets, cpuCores, ...numbers } = known;
  const facts = {
    ...(own.latency_p95 === undefined && latencyMean !== undefined ? { latencyMean } : {}),
    ...(own.latency_p95 === undefined && buckets !== undefined ? { buckets } : {}),
    ...(own.cpu_usage === undefined && cpuCores !== undefined ? { cpuCores } : {}),
  };
  return Object.fromEntries(
    Object.entries({ ...numbers, ...facts }).map(([name, query]) => [name, expand(query, settings)]),
  );
}

/** `query` with its $selector, $containers and $window filled in. */
export function expand(
  query: string,
  settings: Pick<PrometheusSettings, 'selector' | 'containers' | 'windowSeconds'>,
): string {
  const values: Readonly<Record<string, string>> = {
    selector: settings.selector,
    containers: settings.containers ?? '',
    window: `${settings.windowSeconds ?? MIN_WINDOW_SECONDS}s`,
  };
  return query.replace(/\$(selector|containers|window)\b/g, (_, name: string) => values[name] ?? '');
}
