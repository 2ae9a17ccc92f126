/**
 * Renews the tables "Fires when" in docs/runbooks/*.md: `npm run generate`. The rest of the pages
 * is written by hand. With `--check` it writes nothing and exits 1 when a table is not what the rules say.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { ALERT_NAMES } from './alert-catalog.ts';
import { withRuleTable } from './runbook-table.ts';

for (const alert of ALERT_NAMES) {
  const path = new URL(`../docs/runbooks/${alert}.md`, import.meta.url);
  const page = readFileSync(path, 'utf8');
  const renewed = withRuleTable(page, alert);
  if (!process.argv.includes('--check')) {
    writeFileSync(path, renewed);
  } else if (renewed !== page) {
    console.error(`docs/runbooks/${alert}.md is stale: run \`npm run generate\` and commit it.`);
    process.exitCode = 1;
  }
}
