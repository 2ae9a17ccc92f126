/**
 * node bench/verdict/cross-validate.ts --cases FILE [--folds 10] [--seeds 3]
 *
 * Constants chosen inside the folds, predictions pooled out of fold: what to expect on cases nobody has seen.
 * Grouped by series, then by whole data sets. Prints how much better the engine looks on the cases it was fitted
 * to, how often each constant was chosen, and the confidence curves fitted out of fold. Takes minutes.
 */
import { parseArgs } from 'node:util';
import { calibrationError, confidenceWith, fitCurves, type Outcome, reliability } from './calibration.ts';
import { dataSetOf, isHeadline, readCases } from './cases.ts';
import { type Constants, DIALS, dialValue, MIDDLE, SHIPPED, START } from './dials.ts';
import { type Decided, fitConstants, readyCases, type Table, tableOf } from './fit.ts';
import { foldsBySeries } from './folds.ts';
import { type Graded, intervalsOf, SCORE_NAMES, scoresOf } from './scores.ts';
import { table as aligned, reliabilityTable, scoreHeader, scoreRow, share } from './tables.ts';

function gradedBy(
  table: Table,
  members: readonly number[],
  constantsOf: (index: number) => Constants,
): { pairs: Graded[]; decided: Decided[] } {
  const pairs: Graded[] = [];
  const decided: Decided[] = [];
  for (const index of members) {
    const label = table.cases[index]?.label;
    if (label === undefined) continue;
    const one = table.decide(index, constantsOf(index));
    pairs.push({ label, prediction: { verdict: one.verdict, metrics: one.metrics, confidence: null } });
    decided.push(one);
  }
  return { pairs, decided };
}

/** The better of two starts, judged on the fold's own cases. */
function chosenOn(table: Table, members: readonly number[]): Constants {
  const first = fitConstants(table, members, START);
  const second = fitConstants(table, members, MIDDLE);
  return table.objective(members, first) >= table.objective(members, second) ? first : second;
}

function outOfFold(table: Table, foldOf: readonly number[], folds: number): { chosen: Constants[]; inFold: Graded[] } {
  const chosen: Constants[] = [];
  const inFold: Graded[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const training = foldOf.flatMap((own, i) => (own === fold ? [] : [i]));
    const constants = chosenOn(table, training);
    chosen.push(constants);
    inFold.push(...gradedBy(table, training, () => constants).pairs);
    process.stderr.write(`fold ${fold + 1}/${folds}\r`);
  }
  return { chosen, inFold };
}

const { values } = parseArgs({
  options: {
    cases: { type: 'string' },
    folds: { type: 'string', default: '10' },
    seeds: { type: 'string', default: '3' },
  },
});
if (values.cases === undefined) throw new Error('--cases FILE is missing');
const folds = Number(values.folds);
const seeds = Number(values.seeds);
const cases = readyCases(readCases(values.cases), SHIPPED.tuning.baselineSamples);
const table = tableOf(cases);
const everyone = cases.map((_, i) => i);

const rows: string[][] = [scoreHeader('headline cases')];
const votes = new Map<string, Map<number, number>>();
const outcomes: Outcome[] = [];
const checked: { confidence: number; right: boolean }[] = [];
const everyPair: Graded[] = [];
const trainedOn: Graded[] = [];
for (let seed = 1; seed <= seeds; seed++) {
  const foldOf = foldsBySeries(
    cases.map((ready) => ready.label),
    folds,
    seed,
  );
  const { chosen, inFold } = outOfFold(table, foldOf, folds);
  const { pairs, decided } = gradedBy(table, everyone, (i) => chosen[foldOf[i] ?? 0] ?? SHIPPED);
  rows.push(
    scoreRow(`out of fold, seed ${seed}`, scoresOf(pairs)),
    scoreRow(`in fold, seed ${seed}`, scoresOf(inFold)),
  );
  everyPair.push(...pairs);
  trainedOn.push(...inFold);
  for (const constants of chosen) {
    for (const { name } of DIALS) {
      const tally = votes.get(name) ?? new Map<number, number>();
      votes.set(name, tally.set(dialValue(constants, name), (tally.get(dialValue(constants, name)) ?? 0) + 1));
    }
  }
  const seen = cases.map((ready, i): Outcome & { fold: number; counts: boolean } => ({
    strength: decided[i]?.strength ?? 0,
    unjudged: decided[i]?.unjudged ?? 0,
    hasAlternative: decided[i]?.hasAlternative ?? false,
    independentBefore: ready.admitted.before.independent,
    right: (decided[i]?.strength ?? 0) >= 1 === ready.label.regressed,
    fold: foldOf[i] ?? 0,
    counts: isHeadline(ready.label) && decided[i]?.verdict !== 'insufficient_data',
  }));
  for (let fold = 0; fold < folds; fold++) {
    const curves = fitCurves(seen.filter((o) => o.fold !== fold && o.counts));
    for (const o of seen)
      if (o.fold === fold && o.counts) checked.push({ confidence: confidenceWith(o, curves), right: o.right });
  }
  outcomes.push(...seen.filter((o) => o.counts));
}
const pooled = scoresOf(everyPair);
const within = scoresOf(trainedOn);
const gap = Object.fromEntries(SCORE_NAMES.map((name) => [name, within[name] - pooled[name]])) as typeof pooled;
const bounds = intervalsOf(everyPair);
rows.push(scoreRow('out of fold, all seeds', pooled));
rows.push(['  95 % interval', ...SCORE_NAMES.map((name) => `${share(bounds[name][0])}–${share(bounds[name][1])}`)]);
rows.push(scoreRow('in fold − out of fold', gap));
console.log(aligned(rows));

console.log('\nLeaving out whole data sets (constants chosen on the others)');
const left: string[][] = [scoreHeader('left out')];
const leftPairs: Graded[] = [];
for (const name of [...new Set(cases.map((ready) => dataSetOf(ready.label)))].sort()) {
  const isLeftOut = (index: number) => cases[index] !== undefined && dataSetOf(cases[index].label) === name;
  const constants = chosenOn(
    table,
    everyone.filter((index) => !isLeftOut(index)),
  );
  const { pairs } = gradedBy(table, everyone.filter(isLeftOut), () => constants);
  leftPairs.push(...pairs);
  left.push(scoreRow(`${name} (${pairs.length})`, scoresOf(pairs)));
}
left.push(scoreRow('pooled', scoresOf(leftPairs)));
console.log(aligned(left));

console.log('\nConstants chosen (value × folds; * = shipped)');
for (const { name } of DIALS) {
  const tally = [...(votes.get(name) ?? [])].sort((a, b) => a[0] - b[0]);
  console.log(
    `${name.padEnd(24)} ${tally.map(([v, n]) => `${v}${v === dialValue(SHIPPED, name) ? '*' : ''} × ${n}`).join('   ')}`,
  );
}

const rowsOfReliability = reliability(checked);
console.log('\nReliability of confidence, out of fold (curves fitted on the other folds)');
console.log(reliabilityTable(rowsOfReliability));
console.log(`calibration error ${calibrationError(rowsOfReliability).toFixed(3)}`);
console.log('curves on all out-of-fold verdicts:', JSON.stringify(fitCurves(outcomes)));
