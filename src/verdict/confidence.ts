/**
 * How often verdicts like this one are right: two logistic curves, one for alarms and one for `ok`, over how far the
 * loudest metric is from its limit (on a log scale) and over what is not known (Platt scaling with a few inputs). Fitted on
 * predictions of whole source families that no constant was chosen on; docs/verdict.md has the reliability table.
 */
export interface ConfidenceCurve {
  /** Log odds of being right at the limit itself. */
  readonly atLimit: number;
  /** Added per unit of |ln strength|, */
  readonly perLogStrength: number;
  /** and taken away per 1 ÷ (independent samples before): a level known from one sample is hardly known, */
  readonly perInverseBaseline: number;
  /** per metric that could not be judged: it may have failed unseen, */
  readonly perUnjudged: number;
  /** and where every failure has another explanation. */
  readonly perAlternative: number;
}

export interface ConfidenceCurves {
  readonly alarm: ConfidenceCurve;
  readonly ok: ConfidenceCurve;
}

/** As fitted on the verdicts out of family (`npm run bench:verdict:cv`), rounded. */
export const DEFAULT_CONFIDENCE: ConfidenceCurves = {
  alarm: { atLimit: 1.53, perLogStrength: 3.6, perInverseBaseline: 0.3, perUnjudged: 0.15, perAlternative: 0.3 },
  ok: { atLimit: 1.35, perLogStrength: 2.16, perInverseBaseline: 1.17, perUnjudged: 0.15, perAlternative: 0.3 },
};

/** Nothing is judged five times as strongly as strength 5 or as weakly as .05: the curves end where the cases end. */
const MAX_STRENGTH = 5;
const MIN_STRENGTH = 0.05;
/** No table of a thousand cases can vouch for more. */
const MAX_CONFIDENCE = 0.99;
/** And for less with each metric that nobody looked at. */
const LESS_PER_UNJUDGED = 0.01;

/** What a confidence looks at. */
export interface Grounds {
  /** The largest of all metrics; an alarm from 1 on. */
  readonly strength: number;
  readonly independentBefore: number;
  /** Of the five metrics, how many could not be judged. */
  readonly unjudged: number;
  /** Every failure has another explanation. */
  readonly hasAlternative: boolean;
}

/** The inputs of a curve: |ln strength| within the range of the cases, and what is taken away. */
export function confidenceInputs(grounds: Grounds): {
  far: number;
  inverse: number;
  unjudged: number;
  alternative: number;
} {
  const bounded = Math.max(MIN_STRENGTH, Math.min(MAX_STRENGTH, grounds.strength));
  return {
    far: Math.abs(Math.log(bounded)),
    inverse: 1 / Math.max(1, grounds.independentBefore),
    unjudged: grounds.unjudged,
    alternative: grounds.hasAlternative ? 1 : 0,
  };
}

/**
 * Probability, 0.5..0.99, that the verdict is right. `seenShare` is the share of the samples asked for that came: what was
 * not seen is no evidence, so the confidence moves towards a coin's.
 */
export function confidenceOf(grounds: Grounds, seenShare: number, curves: ConfidenceCurves): number {
  const curve = grounds.strength >= 1 ? curves.alarm : curves.ok;
  const { far, inverse, unjudged, alternative } = confidenceInputs(grounds);
  const odds =
    curve.atLimit +
    curve.perLogStrength * far -
    curve.perInverseBaseline * inverse -
    curve.perUnjudged * unjudged -
    curve.perAlternative * alternative;
  const most = MAX_CONFIDENCE - LESS_PER_UNJUDGED * unjudged;
  const right = Math.max(0.5, Math.min(most, 1 / (1 + Math.exp(-odds))));
  return Math.round((0.5 + (right - 0.5) * seenShare) * 1000) / 1000;
}
