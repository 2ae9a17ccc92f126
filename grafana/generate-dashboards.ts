/**
 * Writes grafana/dashboards/<uid>.json from the builders in grafana/, and docs/panels.md from the same texts.
 * `--check` writes nothing and exits 1 when a file is not what the builders say.
 * Links to runbooks and panel pages elsewhere: `--runbooks <url> --out <folder>` writes the dashboards alone, there.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { allDashboards } from './all-dashboards.ts';
import { dashboardJson } from './kit/dashboard.ts';
import { DEFAULT_LINK_BASES } from './kit/links.ts';
import { panelsPage } from './kit/panels-page.ts';

const { values } = parseArgs({
  options: { check: { type: 'boolean', default: false }, runbooks: { type: 'string' }, out: { type: 'string' } },
});
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = values.out ?? join(root, 'grafana/dashboards');
const bases = { ...DEFAULT_LINK_BASES, ...(values.runbooks === undefined ? {} : { runbooks: values.runbooks }) };

const files = allDashboards.map((spec) => ({
  path: join(folder, `${spec.uid}.json`),
  text: dashboardJson(spec, bases),
}));
if (values.out === undefined) files.push({ path: join(root, 'docs/panels.md'), text: panelsPage(allDashboards) });

if (values.runbooks !== undefined && values.out === undefined) {
  console.error('--runbooks needs --out <folder>: the committed files keep the default links.');
  process.exitCode = 2;
} else if (values.check) {
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
