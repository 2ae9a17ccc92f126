/**
 * node bench/verdict/cross-validate.ts --cases FILE [--series 10] [--figures OUT]
 *
 * What to expect of services nobody has seen. Everything that is chosen is chosen inside the folds: constants on the other
 * source families and their quiet pairs, confidence curves on predictions of families that neither the constants nor the
 * verdict's own family had a part in. Then the same by series, which shares families and is kinder. Takes minutes.
 */
import { parseArgs } from 'node:util';
import { DEFAULT_CONFIDENCE } from '../../src/verdict/confidence.ts';
import { calibrationError, confidenceWith, fitCurves, type Outcome, reliability } from './calibration.ts';
import { type Case, dataSetOf, isHeadline, readCases } from './cases.ts';
import { type Constants, DIALS, dialValue, MIDDLE, SHIPPED, START } from './dials.ts';
import { type Decided, fitConstants, readyCases, tableOf } from './fit.ts';
import { foldsBySeries } from './folds.ts';
import { quietPairs } from './quiet-windows.ts';
import { type Graded, intervalsOf, SCORE_NAMES, scoresOf } from './scores.ts';
import { table as aligned, reliabilityTable, scoreHeader, scoreRow, share, writeFigures } from './tables.ts';

const { values } = parseArgs({
  options: { cases: { type: 'string' }, series: { type: 'string', default: '10' }, figures: { type: 'string' } },
});
const figures: Record<string, string> = {};
if (values.cases === undefined) throw new Error('--cases FILE is missing');
const given = readCases(values.cases);
/** Every third is enough to choose by, and all of one family are left out together. */
const quiet: Case[] = [...quietPairs(given, 3, 5), ...quietPairs(given, 5, 5), ...quietPairs(given, 15, 5)].filter(
  (_, i) => i % 3 === 0,
);
const table = tableOf(readyCases([...given, ...quiet], SHIPPED.tuning.baselineSamples));
const families = table.cases.map(({ label }) => dataSetOf(label));
const names = [...new Set(families)].sort();
const indices = table.cases.map((_, i) => i);
const isCase = (index: number) => index < given.length;

/** The better of two starts, judged on the cases that it was chosen by. */
function chosenOn(members: readonly number[]): Constants {
  const [first, second] = [fitConstants(table, members, START, 2), fitConstants(table, members, MIDDLE, 2)];
  return table.objective(members, first) >= table.objective(members, second) ? first : second;
}

function gradedBy(members: readonly number[], constantsOf: (index: number) => Constants): Graded[] {
  return members.filter(isCase).flatMap((index) => {
    const { label } = table.cases[index] ?? {};
    if (label === undefined) return [];
    const { verdict, metrics } = table.decide(index, constantsOf(index));
    return [{ label, prediction: { verdict, metrics, confidence: null } }];
  });
}

function outcomeOf(index: number, decided: Decided): Outcome | null {
  const ready = table.cases[index];
  if (ready === undefined || !isHeadline(ready.label) || decided.verdict === 'insufficient_data') return null;
  const { strength, unjudged, hasAlternative } = decided;
  const independentBefore = ready.admitted.before.independent;
  const right = strength >= 1 === ready.label.regressed;
  return { strength, unjudged, hasAlternative, independentBefore, right };
}

const outcomesOf = (members: readonly number[], constants: Constants): Outcome[] =>
  members.filter(isCase).flatMap((index) => outcomeOf(index, table.decide(index, constants)) ?? []);

const isAlarm = (index: number, constants: Constants) =>
  ['attention', 'rollback_recommended'].includes(table.decide(index, constants).verdict);

// By family, constants and curves nested.
const without = new Map<string, Constants>();
const constantsWithout = (left: readonly string[]): Constants => {
  const key = [...left].sort().join(' ');
  const known = without.get(key);
  if (known !== undefined) return known;
  const chosen = chosenOn(indices.filter((index) => !left.includes(families[index] ?? '')));
  without.set(key, chosen);
  process.stderr.write(`chosen without ${key}\n`);
  return chosen;
};

const byFamily: Graded[] = [];
const familyRows: string[][] = [scoreHeader('left out')];
const checked: { confidence: number; right: boolean }[] = [];
const outcomesByFamily: Outcome[][] = [];
const quietRows: string[][] = [['left out', 'quiet pairs', 'alarms']];
for (const family of names) {
  const own = indices.filter((index) => families[index] === family);
  const constants = constantsWithout([family]);
  const graded = gradedBy(own, () => constants);
  byFamily.push(...graded);
  familyRows.push(scoreRow(`${family} (${graded.filter(({ label }) => isHeadline(label)).length})`, scoresOf(graded)));
  const pairs = own.filter((index) => !isCase(index));
  const alarms = pairs.filter((index) => isAlarm(index, constants)).length;
  quietRows.push([family, String(pairs.length), pairs.length === 0 ? '–' : share(alarms / pairs.length)]);
  const others = names
    .filter((name) => name !== family)
    .map((name) =>
      outcomesOf(
        indices.filter((index) => families[index] === name),
        constantsWithout([family, name]),
      ),
    );
  const curves = fitCurves(others);
  const outcomes = outcomesOf(own, constants);
  outcomesByFamily.push(outcomes);
  for (const outcome of outcomes) checked.push({ confidence: confidenceWith(outcome, curves), right: outcome.right });
}
familyRows.push(scoreRow('all families', scoresOf(byFamily)));
const bounds = intervalsOf(byFamily);
familyRows.push([
  '  95 % interval',
  ...SCORE_NAMES.map((name) => `${share(bounds[name][0])}–${share(bounds[name][1])}`),
]);
const counts = given.map((one) => one.before.cpu_usage.length);
const familyConstants = new Map(names.map((name) => [name, constantsWithout([name])]));
const split = (title: string, isIn: (count: number) => boolean) => {
  const members = indices.filter((index) => isCase(index) && isIn(counts[index] ?? 0));
  const graded = gradedBy(members, (index) => familyConstants.get(families[index] ?? '') ?? SHIPPED);
  return scoreRow(`${title} (${graded.filter(({ label }) => isHeadline(label)).length})`, scoresOf(graded));
};
familyRows.push(split('with a baseline, ≥ 10 before', (count) => count >= 10));
familyRows.push(split('without, 1 to 5 before', (count) => count < 10));
console.log('## family\nConstants and curves chosen without the family that is graded');
figures.families = aligned(familyRows);
figures.quiet = aligned(quietRows);
console.log(`${figures.families}\n\n${figures.quiet}`);

const rows = reliability(checked);
console.log('\n## confidence\nConfidence out of family, curves fitted on the other families');
figures.confidence = `${reliabilityTable(rows)}\ncalibration error ${share(calibrationError(rows))}`;
console.log(figures.confidence);
const shipped = fitCurves(outcomesByFamily);
const everyOutcome = outcomesByFamily.flat();
console.log('curves on all out-of-family verdicts:', JSON.stringify(shipped));
const again = reliability(everyOutcome.map((one) => ({ confidence: confidenceWith(one, shipped), right: one.right })));
const now = reliability(
  everyOutcome.map((one) => ({ confidence: confidenceWith(one, DEFAULT_CONFIDENCE), right: one.right })),
);
console.log('Shipped curves on the same verdicts');
console.log(reliabilityTable(now));
console.log(`calibration error ${share(calibrationError(now))}`);
console.log('bands of these curves:');
for (const { from, to, count, shareRight, meanConfidence } of again) {
  console.log(
    JSON.stringify({ from, to, count, right: Math.round(count * shareRight), mean: Number(share(meanConfidence)) }),
  );
}

// By series: kinder, for a family that is represented.
const folds = Number(values.series);
if (folds > 1) {
  const foldOf = foldsBySeries(
    table.cases.map(({ label }) => label),
    folds,
    1,
  );
  const chosen = Array.from({ length: folds }, (_, fold) => chosenOn(indices.filter((i) => foldOf[i] !== fold)));
  const graded = gradedBy(indices, (i) => chosen[foldOf[i] ?? 0] ?? SHIPPED);
  const inFold = chosen.flatMap((constants, fold) =>
    gradedBy(
      indices.filter((i) => foldOf[i] !== fold),
      () => constants,
    ),
  );
  console.log('\n## series');
  figures.series = aligned([
    scoreHeader('headline cases'),
    scoreRow('out of fold', scoresOf(graded)),
    scoreRow('in fold', scoresOf(inFold)),
  ]);
  console.log(figures.series);
}

console.log('\n## constants\nValues that families chose without one of them (* = shipped)');
for (const { name } of DIALS) {
  const votes = new Map<number, number>();
  for (const constants of familyConstants.values()) {
    const value = dialValue(constants, name);
    votes.set(value, (votes.get(value) ?? 0) + 1);
  }
  const told = [...votes]
    .sort((a, b) => a[0] - b[0])
    .map(([v, n]) => `${v}${v === dialValue(SHIPPED, name) ? '*' : ''} × ${n}`);
  console.log(`${name.padEnd(24)} ${told.join('   ')}`);
}

if (values.figures !== undefined) writeFigures(values.figures, figures);
