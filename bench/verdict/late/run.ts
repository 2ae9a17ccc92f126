/**
 * node bench/verdict/late/run.ts --azure DIR --nab DIR
 *
 * Late checks on days of public series as they are and with what creeps put on them, and what they add to the first verdict's
 * alarms on quiet pairs. The folders are those of bench/verdict/public/run.ts; a minute of one core. Nothing is kept.
 */
import { parseArgs } from 'node:util';
import { machineDays, nabDays, simulatedErrors } from './long-series.ts';
import { lateTable, pairsIn, tallyOf } from './tally.ts';

const { values } = parseArgs({ options: { azure: { type: 'string' }, nab: { type: 'string' } } });
if (values.azure === undefined || values.nab === undefined) throw new Error('--azure DIR --nab DIR are needed');
const series = [...nabDays(values.nab), ...machineDays(values.azure), ...simulatedErrors()];
for (const part of ['open', 'kept', 'fresh']) {
  const tallies = tallyOf(pairsIn(series.filter((one) => one.part === part)));
  console.log(lateTable(tallies));
  const quiet = [...tallies].flatMap(([name, tally]) => (name.endsWith('none') ? [tally] : []));
  const sum = (of: 'pairs' | 'first' | 'any') => quiet.reduce((total, tally) => total + tally[of], 0);
  const both = ((sum('first') + sum('any')) / sum('first')).toFixed(2);
  console.log(`${part}: ${sum('pairs')} quiet pairs, first ${sum('first')}, late ${sum('any')}, both ×${both}\n`);
}
