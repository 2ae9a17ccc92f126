import { readdirSync, readFileSync } from 'node:fs';
import type { DashboardFile } from '../../grafana/lint/dashboard-file.ts';
import { queriesOf } from '../../harness/dashboard-queries.ts';

export interface SqlPanel {
  readonly title: string;
  readonly sql: string;
  /** What Grafana puts in the variables' place where All is chosen. */
  readonly all: Record<string, string>;
}

/** Every SQL query of the dashboards in `folder`. */
export function sqlPanels(folder: URL | string): SqlPanel[] {
  return readdirSync(folder).flatMap((file) => {
    const dashboard: DashboardFile = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
    const variables = dashboard.templating?.list ?? [];
    const all = Object.fromEntries(
      variables.flatMap(({ name, allValue }) => (name && allValue ? [[name, allValue]] : [])),
    );
    return queriesOf(dashboard)
      .filter(({ kind }) => kind === 'sql')
      .map(({ place, text }) => ({ title: place, sql: text, all }));
  });
}

export const medianOf = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
