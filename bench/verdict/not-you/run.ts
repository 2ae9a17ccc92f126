/**
 * node bench/verdict/not-you/run.ts --nezha DIR --petshop DIR --cases FILE [--out FILE]
 *
 * "Not this deployment": each service of each incident is taken for the one that was deployed when the fault began, and judged
 * beside all others; and the faults of FILE (as bench/verdict/run.ts reads them) beside others that nothing is wrong with. The
 * folders are checkouts of
 * - github.com/IntelligentDDS/Nezha (MIT; written for commit d8140101fdb4e7dfb60d3ef9f64706f382b68470);
 * - github.com/amazon-science/petshop-root-cause-analysis (data CC-BY-4.0; commit 1c5992dc46a02c988a027e2219036d59e8158a91).
 * Nothing of them is kept: the counts go to --out, from which docs/verdict.md is written.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readCases } from '../cases.ts';
import { gradedIncidents } from './grade.ts';
import { nezhaIncidents } from './nezha-incidents.ts';
import { petshopIncidents } from './petshop-incidents.ts';
import { besideQuiet, quietServices } from './quiet-others.ts';
import { NOT_YOU_TABLES, type NotYouFigures } from './tables.ts';

const { values } = parseArgs({
  options: {
    nezha: { type: 'string' },
    petshop: { type: 'string' },
    cases: { type: 'string' },
    out: { type: 'string' },
  },
});
const { nezha, petshop, cases, out } = values;
if (nezha === undefined || petshop === undefined || cases === undefined) {
  throw new Error('--nezha DIR --petshop DIR --cases FILE are needed');
}
const quiet = quietServices(nezha);
const incidents = gradedIncidents([...nezhaIncidents(nezha), ...petshopIncidents(petshop)]);
const moved = quiet.filter(({ movement }) => movement !== null).length;
console.log(`${quiet.length} quiet windows of services, ${moved} of them got worse\n`);
const figures: NotYouFigures = { incidents, quiet: besideQuiet(readCases(cases), quiet) };
for (const show of Object.values(NOT_YOU_TABLES)) console.log(`${show(figures)}\n`);
if (out !== undefined) writeFileSync(out, `${JSON.stringify(figures, null, 2)}\n`);
