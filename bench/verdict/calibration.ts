import {
  type ConfidenceCurve,
  type ConfidenceCurves,
  confidenceInputs,
  confidenceOf,
} from '../../src/verdict/confidence.ts';

/** One verdict, what its confidence looks at, and whether it was right. */
export interface Outcome {
  readonly strength: number;
  readonly independentBefore: number;
  readonly right: boolean;
}

/** Keeps a curve finite where nearly all verdicts are right: worth about one case. */
const RIDGE = 0.1;
const STEPS = 4000;
const RATE = 0.5;

/** Logistic regression of `right` on the two inputs, slopes not below zero, by gradient ascent. */
function fitCurve(outcomes: readonly Outcome[]): ConfidenceCurve {
  const rows = outcomes.map((o) => ({ ...confidenceInputs(o.strength, o.independentBefore), right: o.right ? 1 : 0 }));
  let atLimit = 0;
  let slope = 1;
  let inverse = 0;
  for (let step = 0; step < STEPS; step++) {
    let g0 = -RIDGE * atLimit;
    let g1 = -RIDGE * slope;
    let g2 = -RIDGE * inverse;
    for (const row of rows) {
      const odds = atLimit + slope * row.far - inverse * row.inverse;
      const error = row.right - 1 / (1 + Math.exp(-odds));
      g0 += error;
      g1 += error * row.far;
      g2 -= error * row.inverse;
    }
    const rate = RATE / Math.max(1, rows.length / 4);
    atLimit += rate * g0;
    slope = Math.max(0, slope + rate * g1);
    inverse = Math.max(0, inverse + rate * g2);
  }
  return { atLimit, perLogStrength: slope, perInverseBaseline: inverse };
}

export function fitCurves(outcomes: readonly Outcome[]): ConfidenceCurves {
  return {
    alarm: fitCurve(outcomes.filter((outcome) => outcome.strength >= 1)),
    ok: fitCurve(outcomes.filter((outcome) => outcome.strength < 1)),
  };
}

export function confidenceWith(outcome: Outcome, curves: ConfidenceCurves): number {
  return confidenceOf(
    { strength: outcome.strength, independentBefore: outcome.independentBefore, seenShare: 1 },
    curves,
  );
}

export interface ReliabilityRow {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly meanConfidence: number;
  readonly shareRight: number;
}

const EDGES = [0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 1.001];

/** Of the verdicts with about this confidence, how many are right. Rows without a verdict are left out. */
export function reliability(verdicts: readonly { confidence: number; right: boolean }[]): ReliabilityRow[] {
  const rows: ReliabilityRow[] = [];
  for (let i = 0; i + 1 < EDGES.length; i++) {
    const from = EDGES[i] ?? 0;
    const to = EDGES[i + 1] ?? 1;
    const inside = verdicts.filter((v) => v.confidence >= from && v.confidence < to);
    if (inside.length === 0) continue;
    const sum = inside.reduce((total, v) => total + v.confidence, 0);
    const right = inside.filter((v) => v.right).length;
    rows.push({
      from,
      to: Math.min(1, to),
      count: inside.length,
      meanConfidence: sum / inside.length,
      shareRight: right / inside.length,
    });
  }
  return rows;
}

/** Expected calibration error: mean distance between confidence and share right, weighted by verdicts. */
export function calibrationError(rows: readonly ReliabilityRow[]): number {
  const total = rows.reduce((sum, row) => sum + row.count, 0);
  return rows.reduce((sum, row) => sum + (row.count / total) * Math.abs(row.meanConfidence - row.shareRight), 0);
}
