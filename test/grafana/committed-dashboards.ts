import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DashboardFile } from '../../grafana/lint/dashboard-file.ts';

const FOLDER = new URL('../../grafana/dashboards/', import.meta.url);

/** grafana/dashboards as it is in the repository: what Grafana will load. */
export function committedDashboards(): { readonly file: string; readonly dashboard: DashboardFile }[] {
  return readdirSync(fileURLToPath(FOLDER))
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => ({ file, dashboard: JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) }));
}
