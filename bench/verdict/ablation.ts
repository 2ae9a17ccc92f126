import { judge } from '../../src/verdict/judge.ts';
import { RULES, type RuleName } from '../../src/verdict/rules/index.ts';
import { METRICS, type MetricName } from '../../src/verdict/types.ts';
import { type Case, inputOf, isHeadline } from './cases.ts';
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

/** Counts of cases, by what failed in them. */
export interface Ablation {
  readonly healthy: number;
  readonly regressed: number;
  readonly metrics: Readonly<Record<MetricName, Tally>>;
  readonly rules: Readonly<Record<RuleName, Tally>>;
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
    const failed = judge(inputOf(one)).details.filter((finding) => finding.severity !== 'none');
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
  return { healthy, regressed, metrics, rules };
}

export function ablationTable({ healthy, regressed, metrics, rules }: Ablation): string {
  const rows = [...Object.entries(metrics), ...Object.entries(rules)].map(([name, tally]) => [
    name,
    String(tally.findings),
    share(tally.falseAlarms / healthy),
    share(tally.falseAlone / healthy),
    share(tally.hits / regressed),
    share(tally.hitsAlone / regressed),
  ]);
  return table([['metric or rule', 'findings', 'false alarms', 'alone', 'found', 'alone'], ...rows]);
}
