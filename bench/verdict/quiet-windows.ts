import { METRICS, type MetricName } from '../../src/verdict/types.ts';
import { type Case, type Columns, inputOf } from './cases.ts';
import { predict } from './engine.ts';
import { isAlarm } from './scores.ts';
import { share, table } from './tables.ts';

/** Sizes of the two windows of a pair. */
const SIZES = [
  [1, 5],
  [3, 5],
  [5, 5],
  [15, 5],
  [15, 15],
] as const;

function slice(columns: Columns, from: number, to: number): Columns {
  const cut = {} as Record<MetricName, readonly number[]>;
  for (const metric of METRICS) cut[metric] = columns[metric].slice(from, to);
  return cut;
}

/**
 * What came before each deployment, cut into pairs of windows as if a deployment lay between them: healthy, but for what
 * the source's own faults left behind. Cases share what came before; each pair counts once.
 */
export function quietPairs(cases: readonly Case[], before: number, after: number): Case[] {
  const pairs = new Map<string, Case>();
  for (const one of cases) {
    const count = one.before.cpu_usage.length;
    for (let start = 0; start + before + after <= count; start += before + after) {
      const middle = start + before;
      const windows = { before: slice(one.before, start, middle), after: slice(one.before, middle, middle + after) };
      const label = one.label === null ? null : { ...one.label, ...QUIET };
      pairs.set(JSON.stringify([windows.before, windows.after]), { ...one, ...windows, label });
    }
  }
  return [...pairs.values()];
}

const QUIET = { regressed: false, group: 'quiet_pair', tier: null, injection: null, affected: [] };

/** An A/A check on the cases: no label is about these pairs. */
export function quietWindows(cases: readonly Case[]): string {
  const rows = SIZES.map(([before, after]) => {
    const pairs = quietPairs(cases, before, after);
    const predictions = pairs.map((pair) => predict(inputOf(pair)));
    const alarms = predictions.filter(isAlarm);
    const of = (count: number) => (pairs.length > 0 ? share(count / pairs.length) : '–');
    return [
      `${before} + ${after}`,
      String(pairs.length),
      of(alarms.length),
      of(alarms.filter(({ verdict }) => verdict === 'rollback_recommended').length),
      of(alarms.filter(({ metrics }) => metrics.includes('latency_p95')).length),
    ];
  });
  return table([['samples before + after', 'pairs', 'alarms', 'rollbacks', 'alarms on latency'], ...rows]);
}
