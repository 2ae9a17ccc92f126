/**
 * Changes every threshold, hold time, window, filter and label set of prometheus/rules once and demands that a promtool
 * test turns red: `npm run mutate:rules`. Prints the survivors and the count, exits 1 when there is a survivor;
 * mutants that no test can tell from the rule are left out, each with its reason. `--only <text>` takes the mutants
 * whose description contains it.
 *
 * Takes up to half an hour on two cores: run it after a change of prometheus/*.ts or of a rule test, not with every test run.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { beginOwning } from '../../harness/ownership/run-owning.ts';
import { mutantsOf, readRuleFiles } from './mutants.ts';
import { runMutant, testFilesFor } from './run-mutant.ts';

beginOwning('mutate-rules');
const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });
/** Mutants that no test can tell from the rule. */
const EQUIVALENT: readonly { readonly pattern: RegExp; readonly reason: string }[] = [
  {
    pattern: /^SeqPulseHttpErrorBudgetBurn .*: > → >=/,
    reason: 'a quotient of two rates is never exactly the limit',
  },
  {
    pattern: /^SeqPulseNoVerdicts .*: sum → max \(at 1\d\d\)/,
    reason: 'of numbers that are never negative the sum is above 0 when the greatest is',
  },
  {
    pattern: /^SeqPulseDown \((critical, environment|warning, replica)\): job=~"seqpulse\.\*" → dropped/,
    reason: 'the two sides are matched by job, and the other one still has the filter',
  },
  { pattern: /^SeqPulseWatchdog .*: 1 → 1\.2/, reason: 'the value of an alert that always fires means nothing' },
];

const rules = readRuleFiles();
const mutants = mutantsOf(rules)
  .filter(({ description }) => description.includes(values.only))
  .filter(({ description }) => !EQUIVALENT.some(({ pattern }) => pattern.test(description)));

let killed = 0;
const survivors: string[] = [];
const waiting = mutants.values();
/** One promtool at a time; takes mutants until none is left. */
async function work(): Promise<void> {
  for (const mutant of waiting) {
    const survived = !(await runMutant(mutant, testFilesFor(mutant), 'promtool'));
    if (survived) survivors.push(mutant.description);
    else killed += 1;
    console.log(`${survived ? 'SURVIVED' : 'killed  '} ${mutant.description}`);
  }
}
await Promise.all(Array.from({ length: availableParallelism() }, work));
console.log(`${killed} of ${mutants.length} mutants killed`);
for (const survivor of survivors) console.log(`survived: ${survivor}`);
if (survivors.length > 0) process.exitCode = 1;
