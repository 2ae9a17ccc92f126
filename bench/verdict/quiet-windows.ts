import { METRICS, type MetricName } from '../../src/verdict/types.ts';
import { type Case, type Columns, inputOf } from './cases.ts';
import { predict } from './engine.ts';
import { isAlarm } from './scores.ts';
import { share, table } from './tables.ts';

/** Sizes of the two windows of a pair; of each case with so many samples before, the oldest are taken. */
const SIZES = [
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
 * An A/A check on the cases: what came before each deployment, cut into two windows as if one lay between them. No
 * label is about these pairs, so no constant was chosen on them. Cases share what came before; each pair counts once.
 */
export function quietWindows(cases: readonly Case[]): string {
  const rows = SIZES.map(([before, after]) => {
    const pairs = new Map<string, Case>();
    for (const one of cases) {
      if (one.before.cpu_usage.length < before + after) continue;
      const pair = { ...one, before: slice(one.before, 0, before), after: slice(one.before, before, before + after) };
      pairs.set(JSON.stringify([pair.before, pair.after]), pair);
    }
    const predictions = [...pairs.values()].map((pair) => predict(inputOf(pair)));
    const alarms = predictions.filter(isAlarm);
    const of = (count: number) => (pairs.size > 0 ? share(count / pairs.size) : '–');
    return [
      `${before} + ${after}`,
      String(pairs.size),
      of(alarms.length),
      of(alarms.filter(({ verdict }) => verdict === 'rollback_recommended').length),
      of(alarms.filter(({ metrics }) => metrics.includes('latency_p95')).length),
    ];
  });
  return table([['samples before + after', 'pairs', 'alarms', 'rollbacks', 'alarms on latency'], ...rows]);
}
