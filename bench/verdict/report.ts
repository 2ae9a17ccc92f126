import { calibrationError, reliability } from './calibration.ts';
import { dataSetOf, isHeadline, type Label } from './cases.ts';
import { type Graded, intervalsOf, isAlarm, SCORE_NAMES, scoresOf } from './scores.ts';
import { reliabilityTable, scoreHeader, scoreRow, share, table } from './tables.ts';

/** One rule's graded cases, with the number of samples of each. */
export interface GradedCase extends Graded {
  readonly countBefore: number;
  readonly countAfter: number;
}

/** The rules side by side, with 95 % intervals by resampling series under each. */
export function comparison(rules: readonly { name: string; graded: readonly Graded[] }[]): string {
  const rows: string[][] = [scoreHeader('rule (headline cases)')];
  for (const { name, graded } of rules) {
    const bounds = intervalsOf(graded);
    rows.push(scoreRow(name, scoresOf(graded)));
    rows.push([
      '  95 % interval',
      ...SCORE_NAMES.map((score) => `${share(bounds[score][0])}–${share(bounds[score][1])}`),
    ]);
  }
  return table(rows);
}

/** Headline scores of one rule for each value of `by`. */
export function breakdown(
  title: string,
  graded: readonly GradedCase[],
  by: (one: GradedCase) => string | number,
): string {
  const groups = new Map<string | number, GradedCase[]>();
  for (const one of graded) groups.set(by(one), [...(groups.get(by(one)) ?? []), one]);
  const keys = [...groups.keys()].sort((a, b) =>
    typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : 1,
  );
  const rows = keys.map((key) => {
    const members = groups.get(key) ?? [];
    return scoreRow(`${key} (${members.filter((one) => isHeadline(one.label)).length})`, scoresOf(members));
  });
  return table([scoreHeader(title), ...rows]);
}

/** How often each group of cases, subtle and weak faults too, raised an alarm or a rollback. */
export function alarmsByGroup(graded: readonly GradedCase[]): string {
  const groups = new Map<string, { cases: number; alarms: number; rollbacks: number }>();
  for (const { label, prediction } of graded) {
    const name = [label.group, label.tier, label.injection].filter((part) => part !== null).join(' ');
    const tally = groups.get(name) ?? { cases: 0, alarms: 0, rollbacks: 0 };
    tally.cases++;
    if (isAlarm(prediction)) tally.alarms++;
    if (prediction.verdict === 'rollback_recommended') tally.rollbacks++;
    groups.set(name, tally);
  }
  const rows = [...groups.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  return table([
    ['group', 'cases', 'alarms', 'rollbacks'],
    ...rows.map(([name, t]) => [name, String(t.cases), share(t.alarms / t.cases), share(t.rollbacks / t.cases)]),
  ]);
}

/** Of the verdicts with about this confidence, how many were right; a verdict is right when alarm and label agree. */
export function confidenceReport(graded: readonly GradedCase[]): string {
  const verdicts = graded
    .filter((one) => isHeadline(one.label) && one.prediction.verdict !== 'insufficient_data')
    .map(({ label, prediction }) => ({
      confidence: prediction.confidence ?? 0,
      right: isAlarm(prediction) === label.regressed,
    }));
  const rows = reliability(verdicts);
  return `${reliabilityTable(rows)}\ncalibration error ${share(calibrationError(rows))}`;
}

export const BREAKDOWNS: readonly { title: string; by: (one: GradedCase) => string | number }[] = [
  { title: 'baseline', by: (one) => (one.countBefore >= 10 ? 'with, ≥ 10 before' : 'without, 1 to 5 before') },
  { title: 'samples before', by: (one) => one.countBefore },
  { title: 'samples after', by: (one) => one.countAfter },
  { title: 'source', by: (one) => dataSetOf(one.label) },
  { title: 'traffic', by: (one) => (trafficIsLow(one.label) ? 'low' : 'normal') },
];

function trafficIsLow(label: Label): boolean {
  return label.lowTraffic;
}
