import type { QueryResultRow } from 'pg';
import { type DashboardFile, drawnPanels, type TargetFile } from '../grafana/lint/dashboard-file.ts';
import { replaceVariables } from '../grafana/lint/promql-tree.ts';

/** One query of a dashboard, as it stands in the file. */
export interface DashboardQuery {
  /** Whose: `panel HTTP Requests/s A`, `variable env`, `annotation …`. */
  readonly place: string;
  readonly kind: 'promql' | 'sql';
  readonly text: string;
  /** Only the newest value is asked for. */
  readonly instant: boolean;
}

export interface TimeRange {
  readonly from: Date;
  readonly to: Date;
}

/** Every query that opening the dashboard would send: of panels, annotations and SQL variables. */
export function queriesOf(dashboard: DashboardFile): DashboardQuery[] {
  const targets: { readonly place: string; readonly target: TargetFile | undefined }[] = [
    ...drawnPanels(dashboard).flatMap((panel) =>
      (panel.targets ?? []).map((target) => ({ place: `panel ${panel.title} ${target.refId}`, target })),
    ),
    ...(dashboard.annotations?.list ?? []).map(({ name, target }) => ({ place: `annotation ${name}`, target })),
    ...(dashboard.templating?.list ?? [])
      .filter(({ query }) => typeof query === 'string' && /^select\b/i.test(query))
      .map(({ name, query }) => ({ place: `variable ${name}`, target: { rawSql: String(query) } })),
  ];
  return targets.flatMap(({ place, target }): DashboardQuery[] => {
    if (target?.rawSql !== undefined) return [{ place, kind: 'sql', text: target.rawSql, instant: true }];
    if (target?.expr === undefined) return [];
    return [{ place, kind: 'promql', text: target.expr, instant: target.instant === true }];
  });
}

/**
 * SQL as Grafana sends it: `$name` of a variable is replaced by the text given (for All its allValue, as it is), then
 * the macros that our dashboards use.
 */
export function expandSql(sql: string, variables: Readonly<Record<string, string>>, { from, to }: TimeRange): string {
  const at = (date: Date) => `'${date.toISOString()}'`;
  const expanded = sql
    .replace(/\$__timeFilter\(([^)]+)\)/g, (_, column) => `${column} between ${at(from)} and ${at(to)}`)
    .replaceAll('$__timeFrom()', at(from))
    .replaceAll('$__timeTo()', at(to))
    .replace(/\$([a-z]+)\b/g, (whole, name) => variables[name] ?? whole);
  if (/\$_|\$[a-z]/.test(expanded)) throw new Error(`not replaced: ${expanded}`);
  return expanded;
}

/** Rows that a panel would draw something of: null and NaN draw nothing. */
export function rowsWithValues(rows: readonly QueryResultRow[]): QueryResultRow[] {
  return rows.filter((row) => Object.values(row).some((value) => value !== null && !Number.isNaN(value)));
}

/** PromQL with All chosen everywhere; `rateInterval` at least four scrapes, as Grafana makes it. */
export function expandPromql(expr: string, rateInterval: string): string {
  const ALL = '.*';
  return replaceVariables(expr, { environment: ALL, instance: ALL, __rate_interval: rateInterval });
}

/**
 * The finite values of a query on a running Prometheus: over the range, as a panel asks, or at its end for an instant
 * one. Throws with Prometheus' own words when it refuses the query.
 */
export async function promqlValues(
  prometheusUrl: string,
  query: DashboardQuery,
  range: TimeRange,
  rateInterval: string,
) {
  const parameters = new URLSearchParams({ query: expandPromql(query.text, rateInterval) });
  const seconds = (date: Date) => String(date.getTime() / 1000);
  if (query.instant) {
    parameters.set('time', seconds(range.to));
  } else {
    parameters.set('start', seconds(range.from));
    parameters.set('end', seconds(range.to));
    parameters.set('step', '1');
  }
  const path = query.instant ? 'query' : 'query_range';
  const response = await fetch(`${prometheusUrl}/api/v1/${path}`, { method: 'POST', body: parameters });
  const answer = (await response.json()) as PrometheusAnswer;
  if (answer.status !== 'success') throw new Error(`${query.place}: ${answer.error}`);
  const samples = answer.data.result.flatMap(({ value, values }) => values ?? (value === undefined ? [] : [value]));
  return samples.map(([, text]) => Number(text)).filter(Number.isFinite);
}

interface PrometheusAnswer {
  readonly status: string;
  readonly error?: string;
  readonly data: {
    readonly result: readonly {
      readonly value?: readonly [number, string];
      readonly values?: readonly (readonly [number, string])[];
    }[];
  };
}
