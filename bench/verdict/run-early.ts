/**
 * node bench/verdict/run-early.ts --cases FILE [--figures OUT]
 *
 * How soon grave faults are called back before their window is over, and how many quiet deployments are at any look.
 */
import { parseArgs } from 'node:util';
import { readCases } from './cases.ts';
import { earlyTable } from './early.ts';
import { writeFigures } from './tables.ts';

const { values } = parseArgs({ options: { cases: { type: 'string' }, figures: { type: 'string' } } });
if (values.cases === undefined) throw new Error('--cases FILE is missing');
const early = earlyTable(readCases(values.cases));
console.log(early);
if (values.figures !== undefined) writeFigures(values.figures, { early });
