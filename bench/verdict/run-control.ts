/**
 * node bench/verdict/run-control.ts --cases FILE [--instances 3]
 *
 * Common shocks put on every case and on a control of so many instances beside it: what the verdict says with the control,
 * without it, and where the service had always been like that (the same on both sides, no control): what is lost there is lost
 * to the shock itself. Means of twenty drawings, on none of which anything was chosen.
 */
import { parseArgs } from 'node:util';
import { judge } from '../../src/verdict/judge.ts';
import type { JudgeInput } from '../../src/verdict/types.ts';
import { type Case, inputOf, isHeadline, readCases } from './cases.ts';
import { alwaysSo, NO_SHOCK, SHOCKS, type Shock, underShock, withControl } from './controls.ts';
import { seeded } from './random.ts';

const SEEDS = Array.from({ length: 20 }, (_, index) => 1001 + index);

interface Score {
  readonly falseAlarms: number;
  readonly recall: number;
}

function scoreOf(cases: readonly Case[], inputs: readonly JudgeInput[]): Score {
  let [healthy, wrong, faults, found] = [0, 0, 0, 0];
  for (const [index, { label }] of cases.entries()) {
    const input = inputs[index];
    if (label === null || input === undefined) continue;
    const { verdict } = judge(input);
    const isAlarm = verdict === 'attention' || verdict === 'rollback_recommended';
    if (label.regressed) {
      faults++;
      if (isAlarm) found++;
    } else {
      healthy++;
      if (isAlarm) wrong++;
    }
  }
  return { falseAlarms: wrong / healthy, recall: found / faults };
}

const three = (share: number) => share.toFixed(3).replace(/^0/, '');

function scoresOf(cases: readonly Case[], shock: Shock, instances: number, seed: number): readonly Score[] {
  const inputs = cases.map(inputOf);
  const random = seeded(seed);
  const hit = inputs.map((input) => underShock(input, shock, random));
  const beside = hit.map((input) => withControl(input, shock, instances, random));
  const always = inputs.map((input) => alwaysSo(input, shock, random));
  return [hit, beside, always].map((all) => scoreOf(cases, all));
}

function table(cases: readonly Case[], instances: number): string {
  const rows = [NO_SHOCK, ...SHOCKS].map((shock) => {
    const drawn = SEEDS.map((seed) => scoresOf(cases, shock, instances, seed));
    const mean = (pick: (scores: readonly Score[]) => number) =>
      three(drawn.reduce((sum, scores) => sum + pick(scores), 0) / drawn.length);
    const figures = (['falseAlarms', 'recall'] as const).flatMap((figure) =>
      [0, 1, 2].map((way) => mean((scores) => scores[way]?.[figure] ?? 0)),
    );
    return `| ${shock.name} | ${figures.join(' | ')} |`;
  });
  return [
    '| shock | false alarms, no control | with a control | always so | recall, no control | with a control | always so |',
    '|---|--:|--:|--:|--:|--:|--:|',
    ...rows,
  ].join('\n');
}

function main(): void {
  const { values } = parseArgs({ options: { cases: { type: 'string' }, instances: { type: 'string' } } });
  if (values.cases === undefined) {
    console.error('usage: npm run -s bench:verdict:control -- --cases FILE [--instances 3]');
    process.exitCode = 2;
    return;
  }
  const cases = readCases(values.cases).filter(({ label }) => label !== null && isHeadline(label));
  console.log(table(cases, Number(values.instances ?? 3)));
}

main();
