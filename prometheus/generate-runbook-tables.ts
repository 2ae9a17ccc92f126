/**
 * Renews the tables "Fires when" in docs/runbooks/*.md: `npm run generate`. The rest of the pages is written by hand. With
 * --check it only says whether they are current.
 */
import { readFileSync } from 'node:fs';
import { writeOrCheck } from '../scripts/generated-file.ts';
import { ALERT_NAMES } from './alert-catalog.ts';
import { withRuleTable } from './runbook-table.ts';

for (const alert of ALERT_NAMES) {
  const name = `docs/runbooks/${alert}.md`;
  writeOrCheck(name, withRuleTable(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'), alert));
}
