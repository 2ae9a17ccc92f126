import { judge } from '../../src/verdict/judge.ts';
import { RULES, type RuleName } from '../../src/verdict/rules/index.ts';
import { METRICS, type MetricName } from '../../src/verdict/types.ts';
import { type Case, inputOf, isHeadline } from './cases.ts';
import { share, table } from './tables.ts';

interface Tally {
  findings: number;
  /** Healthy cases in which this failed, and those in which nothing else did. */
  falseAlarms: number;
  falseAlone: number;
  /** The same of regressed ones. */
  hits: number;
  hitsAlone: number;
}

const nothing = (): Tally => ({ findings: 0, falseAlarms: 0, falseAlone: 0, hits: 0, hitsAlone: 0 });

/**
 * What each metric and each rule costs and brings, on the headline cases: in how many it failed, and in how many it was
 * the only one. A rule is the one that a finding is explained by.
 */
export function ablation(cases: readonly Case[]): string {
  const byMetric = new Map<MetricName, Tally>(METRICS.map((metric) => [metric, nothing()]));
  const byRule = new Map<RuleName, Tally>(RULES.map(({ name }) => [name, nothing()]));
  let healthy = 0;
  let regressed = 0;
  for (const one of cases) {
    if (one.label === null || !isHeadline(one.label)) continue;
    if (one.label.regressed) regressed++;
    else healthy++;
    const failed = judge(inputOf(one)).details.filter((finding) => finding.severity !== 'none');
    const isAlone = failed.length === 1;
    for (const { metric, evidence } of failed) {
      const tallies = [byMetric.get(metric), evidence.rule === null ? undefined : byRule.get(evidence.rule)];
      for (const tally of tallies) {
        if (tally === undefined) continue;
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
  const rows = [...byMetric, ...byRule].map(([name, tally]) => [
    name,
    String(tally.findings),
    share(tally.falseAlarms / healthy),
    share(tally.falseAlone / healthy),
    share(tally.hits / regressed),
    share(tally.hitsAlone / regressed),
  ]);
  return table([['metric or rule', 'findings', 'false alarms', 'alone', 'found', 'alone'], ...rows]);
}
