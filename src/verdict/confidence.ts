/**
 * How often verdicts like this one are right: two logistic curves over how far the loudest metric is from its limit,
 * on a log scale, one for alarms and one for `ok` (Platt scaling). Fitted on predictions out of fold, with one case in
 * three regressed; docs/verdict.md has the reliability table, and what changes where bad deployments are rarer.
 */
export interface ConfidenceCurve {
  /** Log odds of being right at the limit itself. */
  readonly atLimit: number;
  /** Added per unit of |ln strength|, */
  readonly perLogStrength: number;
  /** and taken away per 1 ÷ (independent samples before): a level known from one sample is hardly known. */
  readonly perInverseBaseline: number;
}

export interface ConfidenceCurves {
  readonly alarm: ConfidenceCurve;
  readonly ok: ConfidenceCurve;
}

export const DEFAULT_CONFIDENCE: ConfidenceCurves = {
  alarm: { atLimit: 1, perLogStrength: 3.9, perInverseBaseline: 0 },
  ok: { atLimit: 2.6, perLogStrength: 2.1, perInverseBaseline: 2.1 },
};

/** Nothing is judged five times as strongly as strength 5 or as weakly as .05: the curves end where the cases end. */
const MOST_STRENGTH = 5;
const LEAST_STRENGTH = 0.05;
/** No table of a thousand cases can vouch for more. */
const MOST_CONFIDENCE = 0.99;

/** What the curves look at: |ln strength| within the range of the cases, and 1 ÷ samples before. */
export function confidenceInputs(strength: number, independentBefore: number): { far: number; inverse: number } {
  const bounded = Math.max(LEAST_STRENGTH, Math.min(MOST_STRENGTH, strength));
  return { far: Math.abs(Math.log(bounded)), inverse: 1 / Math.max(1, independentBefore) };
}

/**
 * Probability, 0.5..0.99, that the verdict is right. `strength` is the largest of all metrics; `seenShare` the share of
 * the asked samples that came: what was not seen is no evidence, so the confidence moves towards a coin's.
 */
export function confidenceOf(
  input: { strength: number; independentBefore: number; seenShare: number },
  curves: ConfidenceCurves,
): number {
  const curve = input.strength >= 1 ? curves.alarm : curves.ok;
  const { far, inverse } = confidenceInputs(input.strength, input.independentBefore);
  const odds = curve.atLimit + curve.perLogStrength * far - curve.perInverseBaseline * inverse;
  const right = Math.max(0.5, Math.min(MOST_CONFIDENCE, 1 / (1 + Math.exp(-odds))));
  return Math.round((0.5 + (right - 0.5) * input.seenShare) * 1000) / 1000;
}
