/**
 * Writes grafana/dashboards/<uid>.json from the builders in grafana/, and docs/panels.md from the same texts.
 * `--check` writes nothing and exits 1 when a file is not what the builders say.
 * For another installation: `npm run generate -- … --out <folder>` (prometheus/installation-settings.ts) writes the
 * dashboards alone, there.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readInstallationSettings } from '../prometheus/installation-settings.ts';
import { allDashboards } from './all-dashboards.ts';
import { dashboardJson } from './kit/dashboard.ts';
import { panelsPage } from './kit/panels-page.ts';

const settings = readInstallationSettings(process.argv.slice(2));
if (!settings.ok) {
  console.error(`generate-dashboards: ${settings.fault}`);
  process.exit(2);
}
const { bases, jobs, kpiSchema, check, out } = settings;
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = out ?? join(root, 'grafana/dashboards');

const files = allDashboards.map((spec) => ({
  path: join(folder, `${spec.uid}.json`),
  text: dashboardJson(spec, bases, jobs).replace(/\bkpi\.(?=[a-z_]+\b)/g, () => `${kpiSchema}.`),
}));
if (out === undefined) files.push({ path: join(root, 'docs/panels.md'), text: panelsPage(allDashboards) });

if (check) {
  for (const { path, text } of files) {
    if (currentText(path) === text) continue;
    console.error(`${relative(root, path)} is stale: run \`npm run generate\` and commit it.`);
    process.exitCode = 1;
  }
} else {
  mkdirSync(folder, { recursive: true });
  for (const { path, text } of files) writeFileSync(path, text);
}

function currentText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
