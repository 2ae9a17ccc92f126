import type { MetricName, VerdictName } from '../../src/verdict/types.ts';
import { type Case, isGrave, isHeadline, type Label, seriesOf } from './cases.ts';
import { seeded } from './random.ts';

export interface Prediction {
  readonly verdict: VerdictName;
  readonly metrics: readonly MetricName[];
  /** Only the engine gives one. */
  readonly confidence: number | null;
}

export interface Graded {
  readonly label: Label;
  readonly prediction: Prediction;
}

/** An alarm is attention or rollback; insufficient data raises none. */
export function isAlarm(prediction: Prediction): boolean {
  return prediction.verdict === 'attention' || prediction.verdict === 'rollback_recommended';
}

export function graded(cases: readonly Case[], predictions: readonly Prediction[]): Graded[] {
  const pairs: Graded[] = [];
  for (const [i, testCase] of cases.entries()) {
    const prediction = predictions[i];
    if (testCase.label !== null && prediction !== undefined) pairs.push({ label: testCase.label, prediction });
  }
  return pairs;
}

export const SCORE_NAMES = [
  'f1',
  'precision',
  'recall',
  'falseAlarms',
  'falseRollback',
  'recallRealFaults',
  'metricNamed',
  'graveToRollback',
  'precisionAtTenPercent',
] as const;
export type ScoreName = (typeof SCORE_NAMES)[number];
export type Scores = Record<ScoreName, number>;

/** All scores on the headline cases, 0..1; NaN where a score has no case to be made on. */
export function scoresOf(pairs: readonly Graded[]): Scores {
  let hits = 0;
  let missed = 0;
  let healthy = 0;
  let falseAlarms = 0;
  let falseRollbacks = 0;
  let named = 0;
  let real = 0;
  let realHits = 0;
  let grave = 0;
  let graveHits = 0;
  for (const { label, prediction } of pairs) {
    if (!isHeadline(label)) continue;
    const alarm = isAlarm(prediction);
    if (isGrave(label)) {
      grave++;
      if (prediction.verdict === 'rollback_recommended') graveHits++;
    }
    if (!label.regressed) {
      healthy++;
      if (alarm) falseAlarms++;
      if (prediction.verdict === 'rollback_recommended') falseRollbacks++;
      continue;
    }
    if (alarm) {
      hits++;
      if (prediction.metrics.some((metric) => label.affected.includes(metric))) named++;
    } else missed++;
    if (label.group === 'real_fault') {
      real++;
      if (alarm) realHits++;
    }
  }
  const recall = hits / (hits + missed);
  const falseRate = falseAlarms / healthy;
  return {
    f1: (2 * hits) / (2 * hits + falseAlarms + missed),
    precision: hits / (hits + falseAlarms),
    recall,
    falseAlarms: falseRate,
    falseRollback: falseRollbacks / healthy,
    recallRealFaults: realHits / real,
    metricNamed: named / hits,
    graveToRollback: graveHits / grave,
    precisionAtTenPercent: (0.1 * recall) / (0.1 * recall + 0.9 * falseRate),
  };
}

/**
 * 95 % intervals by the cluster bootstrap: whole series are drawn with replacement, because cases cut from one series
 * are right or wrong together, and resampling single cases would make the intervals too narrow.
 */
export function intervalsOf(pairs: readonly Graded[], resamples = 500, seed = 1): Record<ScoreName, [number, number]> {
  const bySeries = new Map<string, Graded[]>();
  for (const pair of pairs) {
    const series = seriesOf(pair.label);
    const list = bySeries.get(series);
    if (list === undefined) bySeries.set(series, [pair]);
    else list.push(pair);
  }
  const clusters = [...bySeries.values()];
  const random = seeded(seed);
  const drawn = Object.fromEntries(SCORE_NAMES.map((name) => [name, [] as number[]])) as Record<ScoreName, number[]>;
  for (let round = 0; round < resamples; round++) {
    const sample: Graded[] = [];
    for (let i = 0; i < clusters.length; i++) sample.push(...(clusters[Math.floor(random() * clusters.length)] ?? []));
    const scores = scoresOf(sample);
    for (const name of SCORE_NAMES) if (Number.isFinite(scores[name])) drawn[name].push(scores[name]);
  }
  const bounds = {} as Record<ScoreName, [number, number]>;
  for (const name of SCORE_NAMES) {
    const list = drawn[name].sort((a, b) => a - b);
    const at = (share: number) => list[Math.round((list.length - 1) * share)] ?? Number.NaN;
    bounds[name] = [at(0.025), at(0.975)];
  }
  return bounds;
}
