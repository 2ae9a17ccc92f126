import {
  type ConfidenceCurve,
  type ConfidenceCurves,
  confidenceInputs,
  confidenceOf,
  type Grounds,
} from '../../src/verdict/confidence.ts';

/** One verdict, what its confidence looks at, and whether it was right. */
export interface Outcome extends Grounds {
  readonly right: boolean;
}

/** And how many of its like it stands for. */
interface Weighted {
  readonly outcome: Outcome;
  readonly weight: number;
}

/** Keeps a curve finite where nearly all verdicts are right: worth about one case. */
const RIDGE = 0.1;
const STEPS = 4000;
const RATE = 0.5;
/** Not knowing lowers a confidence at least by so much, also where the cases hold too few to show it. */
const MIN_PER_INVERSE_BASELINE = 0.3;
const MIN_PER_UNJUDGED = 0.15;
const MIN_PER_ALTERNATIVE = 0.3;

/** Logistic regression of `right` on the inputs, by gradient ascent; no slope lets ignorance raise a confidence. */
function fitCurve(outcomes: readonly Weighted[]): ConfidenceCurve {
  const rows = outcomes.map(({ outcome, weight }) => ({
    ...confidenceInputs(outcome),
    weight,
    right: outcome.right ? 1 : 0,
  }));
  let curve: ConfidenceCurve = {
    atLimit: 0,
    perLogStrength: 1,
    perInverseBaseline: MIN_PER_INVERSE_BASELINE,
    perUnjudged: MIN_PER_UNJUDGED,
    perAlternative: MIN_PER_ALTERNATIVE,
  };
  const rate = RATE / Math.max(1, rows.length / 4);
  for (let step = 0; step < STEPS; step++) {
    const { atLimit, perLogStrength, perInverseBaseline, perUnjudged, perAlternative } = curve;
    const gradient = [
      -RIDGE * atLimit,
      -RIDGE * perLogStrength,
      -RIDGE * perInverseBaseline,
      -RIDGE * perUnjudged,
      -RIDGE * perAlternative,
    ] as [number, number, number, number, number];
    for (const row of rows) {
      const odds =
        atLimit +
        perLogStrength * row.far -
        perInverseBaseline * row.inverse -
        perUnjudged * row.unjudged -
        perAlternative * row.alternative;
      const error = row.weight * (row.right - 1 / (1 + Math.exp(-odds)));
      gradient[0] += error;
      gradient[1] += error * row.far;
      gradient[2] -= error * row.inverse;
      gradient[3] -= error * row.unjudged;
      gradient[4] -= error * row.alternative;
    }
    curve = {
      atLimit: atLimit + rate * gradient[0],
      perLogStrength: Math.max(0, perLogStrength + rate * gradient[1]),
      perInverseBaseline: Math.max(MIN_PER_INVERSE_BASELINE, perInverseBaseline + rate * gradient[2]),
      perUnjudged: Math.max(MIN_PER_UNJUDGED, perUnjudged + rate * gradient[3]),
      perAlternative: Math.max(MIN_PER_ALTERNATIVE, perAlternative + rate * gradient[4]),
    };
  }
  return curve;
}

/**
 * Curves for a service of a family nobody has seen. It is one family more, so that each of those that were seen says as much
 * as the others, however many of its verdicts there are: by the verdict, the largest would speak for all of them.
 */
export function fitCurves(families: readonly (readonly Outcome[])[]): ConfidenceCurves {
  const seen = families.filter((outcomes) => outcomes.length > 0);
  const largest = Math.max(...seen.map((outcomes) => outcomes.length));
  const weighted = seen.flatMap((outcomes) =>
    outcomes.map((outcome) => ({ outcome, weight: largest / outcomes.length })),
  );
  return {
    alarm: fitCurve(weighted.filter(({ outcome }) => outcome.strength >= 1)),
    ok: fitCurve(weighted.filter(({ outcome }) => outcome.strength < 1)),
  };
}

export function confidenceWith(outcome: Outcome, curves: ConfidenceCurves): number {
  return confidenceOf(outcome, 1, curves);
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
