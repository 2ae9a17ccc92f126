/**
 * Writes prometheus/rules/*.yml: `npm run generate`.
 * With `--check` it writes nothing and exits 1 when a file is not what prometheus/*.ts say.
 *
 * An installation whose Grafana, runbooks or jobs are called otherwise writes its own copy, with the dashboards:
 *   npm run generate -- --job 'payments-seqpulse' --grafana https://grafana.example.org --out /etc/seqpulse
 * The settings are those of installation-settings.ts.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readInstallationSettings } from './installation-settings.ts';
import { renderRuleFiles } from './render-rules.ts';

const RULES_FOLDER = fileURLToPath(new URL('./rules', import.meta.url));

const settings = readInstallationSettings(process.argv.slice(2));
if (!settings.ok) {
  console.error(`generate-rules: ${settings.fault}`);
  process.exit(2);
}
const { bases, jobs, check, out = RULES_FOLDER } = settings;

for (const [name, text] of Object.entries(renderRuleFiles(bases, jobs))) {
  const path = join(out, name);
  if (!check) {
    mkdirSync(out, { recursive: true });
    writeFileSync(path, text);
  } else if (text !== currentText(path)) {
    console.error(`prometheus/rules/${name} is stale: run \`npm run generate\` and commit it.`);
    process.exitCode = 1;
  }
}

function currentText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
