/**
 * Writes what each rule costs and finds by itself into its file, from results/ablation.json: `npm run generate`. With --check
 * it only says whether they are current. The counts: `npm run bench:verdict -- --cases FILE --ablation bench/verdict/results/ablation.json`.
 */
import { readFileSync } from 'node:fs';
import { writeOrCheck } from '../../scripts/generated-file.ts';
import { RULES } from '../../src/verdict/rules/index.ts';
import type { Ablation } from './ablation.ts';
import { withRuleFigures } from './rule-figures.ts';

const ablation = JSON.parse(readFileSync(new URL('results/ablation.json', import.meta.url), 'utf8')) as Ablation;
for (const { name, file } of RULES) {
  const path = `src/verdict/rules/${file}`;
  writeOrCheck(path, withRuleFigures(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'), name, ablation));
}
