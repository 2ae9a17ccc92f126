/**
 * node bench/verdict/public/run.ts --azure DIR --nab DIR [--out FILE]
 *
 * Judges pairs of families that no constant and no rule was chosen on, as they are (A/A) and with known changes, without and
 * with the service's own noise. The folders are checkouts of
 * - github.com/Azure/AzurePublicDataset (CC-BY-4.0; written for commit b469a113cedca53ddc3bdea71a143dc4b7d8700c), of which
 *   data/AzureLLMInferenceTrace_*.csv and vm-noise-data/test_suite=PostgreSQL are read;
 * - github.com/numenta/NAB (MIT; commit ea702d75cc2258d9d7dd35ca8e5e2539d71f3140).
 * Nothing of them is kept: the counts go to FILE, from which docs/verdict.md is written.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { publicTable } from '../doc-tables.ts';
import { machineSeries, requestSeries } from './azure-series.ts';
import { nabSeries } from './nab-series.ts';
import { judgedPairs } from './pairs.ts';

const { values } = parseArgs({
  options: { azure: { type: 'string' }, nab: { type: 'string' }, out: { type: 'string' } },
});
if (values.azure === undefined || values.nab === undefined) throw new Error('--azure DIR --nab DIR are needed');
const series = [...machineSeries(values.azure), ...requestSeries(values.azure), ...nabSeries(values.nab)];
console.log(`${series.length} series, ${series.reduce((sum, { readings }) => sum + readings.length, 0)} readings`);
const tallies = judgedPairs(series);
console.log(publicTable(tallies));
if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(tallies, null, 2)}\n`);
