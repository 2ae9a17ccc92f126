import type { MonitoringServer } from '../../harness/monitoring-server.ts';
import { allMetrics } from '../../otel/catalog/catalog.ts';

/** One series as a Prometheus has stored it over the last seconds. */
export interface StoredSeries {
  readonly name: string;
  /** All labels but `instance`, which is the one thing that may differ between the two ways. */
  readonly labels: Readonly<Record<string, string>>;
  readonly last: number;
  readonly least: number;
  readonly most: number;
}

/** What one way has led to: every series, and the type that Prometheus was told for each metric. */
export interface StoredMetrics {
  readonly series: readonly StoredSeries[];
  /** Metric name → counter, gauge, histogram. */
  readonly types: ReadonlyMap<string, string>;
}

/** Seconds. Long enough for several scrapes and pushes; a reading that one of them lacked is still there. */
const WINDOW_SECONDS = 15;

/** Everything under the job `seqpulse-backend`, the scrape's own series (`up`, `scrape_…`) among it. */
export async function readStoredMetrics(prometheus: MonitoringServer): Promise<StoredMetrics> {
  const samples = encodeURIComponent(`{job="seqpulse-backend"}[${WINDOW_SECONDS}s]`);
  const [stored, metadata] = await Promise.all([
    prometheus.get<{ result: { metric: Record<string, string>; values: [number, string][] }[] }>(
      `/v1/query?query=${samples}`,
    ),
    prometheus.get<Record<string, { type: string }[]>>('/v1/metadata'),
  ]);
  return {
    series: stored.result.map(({ metric, values }) => {
      // The last one: `environment` as a resource attribute (the OTLP receiver needs it), met by the target's label.
      const { __name__: name = '', instance: _instance, exported_environment: _exported, ...labels } = metric;
      const numbers = values.map(([, value]) => Number(value));
      return {
        name,
        labels,
        last: numbers.at(-1) ?? Number.NaN,
        least: Math.min(...numbers),
        most: Math.max(...numbers),
      };
    }),
    types: new Map(
      Object.entries(metadata).flatMap(([name, told]) => {
        const type = told[0]?.type;
        return type === undefined || !isOurs(name) ? [] : [[name, type] as const];
      }),
    ),
  };
}

/** `name{label="value",…}`, labels in order. */
export function identityOf(name: string, labels: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${name}{${sorted.map(([label, value]) => `${label}="${value}"`).join(',')}}`;
}

/** The metric of the catalogue that a series belongs to: `_bucket`, `_sum` and `_count` fold into their histogram. */
export function familyOf(name: string): string {
  const family = name.replace(/_(bucket|sum|count)$/, '');
  return allMetrics.some((metric) => metric.name === family && metric.kind === 'histogram') ? family : name;
}

function isOurs(name: string): boolean {
  return name === 'target_info' || allMetrics.some((metric) => metric.name === name);
}
