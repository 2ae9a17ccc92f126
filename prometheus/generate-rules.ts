/**
 * Writes prometheus/rules/*.yml: `npm run generate`.
 * With `--check` it writes nothing and exits 1 when a file is not what prometheus/*.ts say.
 *
 * An installation whose Grafana or runbooks are reached elsewhere than on localhost writes its own copy:
 *   npx node prometheus/generate-rules.ts --grafana https://grafana.example.org --runbooks https://wiki.example.org/runbooks --out /etc/prometheus/rules
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DEFAULT_LINK_BASES } from './alert-catalog.ts';
import { renderRuleFiles } from './render-rules.ts';

const RULES_FOLDER = fileURLToPath(new URL('./rules', import.meta.url));

const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    grafana: { type: 'string', default: DEFAULT_LINK_BASES.grafana },
    runbooks: { type: 'string', default: DEFAULT_LINK_BASES.runbooks },
    out: { type: 'string', default: RULES_FOLDER },
  },
});
const files = renderRuleFiles({ grafana: base(values.grafana), runbooks: base(values.runbooks) });

for (const [name, text] of Object.entries(files)) {
  const path = join(values.out, name);
  if (!values.check) {
    mkdirSync(values.out, { recursive: true });
    writeFileSync(path, text);
  } else if (text !== currentText(path)) {
    console.error(`prometheus/rules/${name} is stale: run \`npm run generate\` and commit it.`);
    process.exitCode = 1;
  }
}

function base(url: string): string {
  return url.replace(/\/+$/, '');
}

function currentText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
