/**
 * Writes the tables of docs/verdict.md from the figures in results/: `npm run generate`. With --check it only says whether they are
 * current. A block begins with `<!-- figures: FILE NAME -->`. The figures: `npm run bench:verdict:tables`.
 */
import { readFileSync } from 'node:fs';
import { writeOrCheck } from '../../scripts/generated-file.ts';
import { withFigures } from './doc-tables.ts';

const PAGE = 'docs/verdict.md';
const resultOf = (file: string): unknown =>
  JSON.parse(readFileSync(new URL(`results/${file}.json`, import.meta.url), 'utf8'));

writeOrCheck(PAGE, withFigures(readFileSync(new URL(`../../${PAGE}`, import.meta.url), 'utf8'), resultOf));
