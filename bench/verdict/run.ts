/**
 * node bench/verdict/run.ts --cases FILE [--predictions OUT] [--ablation OUT] [--figures OUT] | --custom
 *
 * Judges every case of FILE. With labels: prints the scores of the engine beside fixed limits, the simple rule and
 * Mann–Whitney as Kayenta does it. Without: only the verdicts are counted. --predictions writes one line a case, --ablation the
 * counts by rule as JSON: `bench/verdict/results/ablation.json`, from which `npm run generate` writes the rules' files;
 * --figures the tables that docs/verdict.md shows. --custom compares instead with the same columns defined as metrics of
 * somebody's own; exits with 1 below 99 % alike.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { VERDICTS } from '../../src/verdict/types.ts';
import { ablationOf, ablationTable, leaveOutTable } from './ablation.ts';
import { type Case, inputOf, readCases } from './cases.ts';
import { compareAll, customTable, MIN_SAME_SHARE } from './custom-columns.ts';
import { type EnginePrediction, predict } from './engine.ts';
import { fixedLimits } from './peers/fixed-limits.ts';
import { mannWhitney } from './peers/mann-whitney.ts';
import { simpleRule } from './peers/simple-rule.ts';
import { quietWindows } from './quiet-windows.ts';
import { alarmsByGroup, BREAKDOWNS, breakdown, comparison, confidenceReport, type GradedCase } from './report.ts';
import type { Prediction } from './scores.ts';
import { writeFigures } from './tables.ts';

function gradedCases(cases: readonly Case[], predictions: readonly Prediction[]): GradedCase[] {
  const graded: GradedCase[] = [];
  for (const [i, { label, before, after }] of cases.entries()) {
    const prediction = predictions[i];
    if (label === null || prediction === undefined) continue;
    const counts = { countBefore: before.cpu_usage.length, countAfter: after.cpu_usage.length };
    graded.push({ label, prediction, ...counts });
  }
  return graded;
}

function writePredictions(path: string, cases: readonly Case[], predictions: readonly EnginePrediction[]): void {
  const lines = cases.map(({ id }, i) => {
    const { verdict = 'insufficient_data', metrics = [], confidence = 0 } = predictions[i] ?? {};
    return JSON.stringify({ id, verdict, metrics, confidence });
  });
  writeFileSync(path, lines.length > 0 ? `${lines.join('\n')}\n` : '');
}

function main(): void {
  const { values } = parseArgs({
    options: {
      cases: { type: 'string' },
      predictions: { type: 'string' },
      ablation: { type: 'string' },
      figures: { type: 'string' },
      custom: { type: 'boolean' },
    },
  });
  if (values.cases === undefined) {
    console.error('usage: npm run -s bench:verdict -- --cases FILE [--predictions OUT] [--ablation OUT] | --custom');
    process.exitCode = 2;
    return;
  }
  const cases = readCases(values.cases);
  const inputs = cases.map(inputOf);
  if (values.custom === true) {
    const rows = compareAll(inputs);
    console.log(customTable(rows));
    process.exitCode = rows.every(({ sameShare }) => sameShare >= MIN_SAME_SHARE) ? 0 : 1;
    return;
  }
  const startedMs = performance.now();
  const predictions = inputs.map((input) => predict(input));
  const tookMs = performance.now() - startedMs;
  if (values.predictions !== undefined) writePredictions(values.predictions, cases, predictions);

  console.log(`${cases.length} cases, ${(tookMs / Math.max(1, cases.length)).toFixed(3)} ms a verdict`);
  const counted = VERDICTS.map((verdict) => `${verdict} ${predictions.filter((p) => p.verdict === verdict).length}`);
  console.log(counted.join(' · '));

  const engine = gradedCases(cases, predictions);
  if (engine.length === 0) {
    console.log('No labels: no scores.');
    return;
  }
  const peers = [
    { name: 'simple rule', peer: simpleRule },
    { name: 'Mann–Whitney (Kayenta)', peer: mannWhitney },
    { name: 'fixed limits', peer: fixedLimits },
  ].map(({ name, peer }) => ({
    name,
    graded: gradedCases(
      cases,
      cases.map((c) => peer(c.before, c.after)),
    ),
  }));
  const ablation = ablationOf(cases);
  const figures = {
    comparison: comparison([{ name: 'SeqPulse', graded: engine }, ...peers]),
    ...Object.fromEntries(BREAKDOWNS.map(({ title, by }) => [title, breakdown(title, engine, by)])),
    quiet: quietWindows(cases),
    confidence: confidenceReport(engine),
  };
  console.log(`\n${figures.comparison}`);
  for (const { title, by } of BREAKDOWNS) console.log(`\n${breakdown(title, engine, by)}`);
  console.log(`\n${alarmsByGroup(engine)}`);
  console.log(`\nWhat each metric and rule costs and brings\n${ablationTable(ablation)}\n\n${leaveOutTable(ablation)}`);
  if (values.figures !== undefined) writeFigures(values.figures, figures);
  if (values.ablation !== undefined) writeFileSync(values.ablation, `${JSON.stringify(ablation, null, 2)}\n`);
  console.log(`\nQuiet windows: what came before, cut in two\n${figures.quiet}`);
  console.log(`\nConfidence of the shipped curves on these cases\n${figures.confidence}`);
  console.log('\nData: Nezha (MIT), PetShop (amazon-science/petshop-root-cause-analysis, CC-BY-4.0),');
  console.log('Microsoft cloud-monitoring-dataset (MIT), Numenta Anomaly Benchmark (MIT); see docs/verdict.md.');
}

try {
  main();
} catch (error) {
  // A wrong file is the caller's to mend: one line, no stack.
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
