import { judge } from '../../src/verdict/judge.ts';
import { RULES, type RuleName } from '../../src/verdict/rules/index.ts';
import { DEFAULT_TUNING } from '../../src/verdict/tuning.ts';
import { METRICS, type MetricName } from '../../src/verdict/types.ts';
import { type Case, inputOf, isHeadline } from './cases.ts';
import { predict } from './engine.ts';
import { isAlarm } from './scores.ts';
import { share, table } from './tables.ts';

export interface Tally {
  findings: number;
  /** Healthy cases in which this failed, and those in which nothing else did. */
  falseAlarms: number;
  falseAlone: number;
  /** The same of regressed ones. */
  hits: number;
  hitsAlone: number;
}

/** Cases that alarm. */
export interface Alarms {
  readonly falseAlarms: number;
  readonly hits: number;
}

/** What happens when only this rule is heard, and when all others are. */
export interface RuleTally extends Tally {
  readonly only: Alarms;
  readonly without: Alarms;
}

/** Counts of cases, by what failed in them. */
export interface Ablation extends Alarms {
  readonly healthy: number;
  readonly regressed: number;
  readonly metrics: Readonly<Record<MetricName, Tally>>;
  readonly rules: Readonly<Record<RuleName, RuleTally>>;
}

const nothing = (): Tally => ({ findings: 0, falseAlarms: 0, falseAlone: 0, hits: 0, hitsAlone: 0 });

/**
 * What each metric and each rule costs and brings, on the headline cases: in how many it failed, and in how many it was
 * the only one. A rule is the one that a finding is explained by.
 */
export function ablationOf(cases: readonly Case[]): Ablation {
  const metrics = Object.fromEntries(METRICS.map((name) => [name, nothing()])) as Record<MetricName, Tally>;
  const rules = Object.fromEntries(RULES.map(({ name }) => [name, nothing()])) as Record<RuleName, Tally>;
  let healthy = 0;
  let regressed = 0;
  for (const one of cases) {
    if (one.label === null || !isHeadline(one.label)) continue;
    if (one.label.regressed) regressed++;
    else healthy++;
    const failed = judge(inputOf(one)).details.flatMap(({ metric, severity, evidence }) =>
      severity !== 'none' && metric !== 'custom' ? [{ metric, evidence }] : [],
    );
    const isAlone = failed.length === 1;
    for (const { metric, evidence } of failed) {
      const tallies = evidence.rule === null ? [metrics[metric]] : [metrics[metric], rules[evidence.rule]];
      for (const tally of tallies) {
        tally.findings++;
        if (one.label.regressed) {
          tally.hits++;
          if (isAlone) tally.hitsAlone++;
        } else {
          tally.falseAlarms++;
          if (isAlone) tally.falseAlone++;
        }
      }
    }
  }
  const names = RULES.map(({ name }) => name);
  const ablated = Object.fromEntries(
    names.map((name) => [
      name,
      {
        ...rules[name],
        only: alarmsWith(cases, [name]),
        without: alarmsWith(
          cases,
          names.filter((other) => other !== name),
        ),
      },
    ]),
  ) as Record<RuleName, RuleTally>;
  return { healthy, regressed, ...alarmsWith(cases, names), metrics, rules: ablated };
}

/** Alarms on the headline cases when these rules alone are heard. */
function alarmsWith(cases: readonly Case[], rules: readonly RuleName[]): Alarms {
  const tuning = { ...DEFAULT_TUNING, rules };
  let falseAlarms = 0;
  let hits = 0;
  for (const one of cases) {
    if (one.label === null || !isHeadline(one.label) || !isAlarm(predict(inputOf(one), tuning))) continue;
    if (one.label.regressed) hits++;
    else falseAlarms++;
  }
  return { falseAlarms, hits };
}

export function ablationTable({ healthy, regressed, metrics, rules }: Ablation): string {
  const rows = [...Object.entries(metrics), ...Object.entries(rules)].map(([name, tally]: [string, Tally]) => [
    name,
    String(tally.findings),
    share(tally.falseAlarms / healthy),
    share(tally.falseAlone / healthy),
    share(tally.hits / regressed),
    share(tally.hitsAlone / regressed),
  ]);
  return table([['metric or rule', 'findings', 'false alarms', 'alone', 'found', 'alone'], ...rows]);
}

/** Each rule heard alone, and each left out: what it finds by itself, and what nobody finds without it. */
export function leaveOutTable({ healthy, regressed, falseAlarms, hits, rules }: Ablation): string {
  const row = (name: string, only: Alarms, without: Alarms | null) => [
    name,
    ...[only, without].flatMap((alarms) =>
      alarms === null ? ['–', '–'] : [share(alarms.falseAlarms / healthy), share(alarms.hits / regressed)],
    ),
  ];
  return table([
    ['rule', 'alone: false alarms', 'found', 'left out: false alarms', 'found'],
    row('all rules', { falseAlarms, hits }, null),
    ...Object.entries(rules).map(([name, { only, without }]) => row(name, only, without)),
  ]);
}
