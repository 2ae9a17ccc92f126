import type { Window } from './admit.ts';
import { type Assessment, judged, notJudged } from './assessment.ts';
import { countsOf, measured, whyUnmeasured } from './measured.ts';
import { type ErrorRise, errorRise } from './rules/error-rise.ts';
import type { Tuning } from './tuning.ts';
import type { Limits } from './types.ts';

/** Error ratio, 0..1, weighted by requests: levels are failed ÷ all requests of the window, not means of ratios. */
export function assessErrors(before: Window, after: Window, limits: Limits, tuning: Tuning): Assessment {
  const was = measured(before, 'error_rate');
  const is = measured(after, 'error_rate');
  const counts = countsOf(was, is);
  const refuse = (why: string) => notJudged('error_rate', why, { baseline: null, observed: null, counts });
  const unmeasured = whyUnmeasured(was, is, { least: tuning.minPostSamples, isNeverZero: false });
  if (unmeasured !== null) return refuse(unmeasured);
  const rise = errorRise(was, is, limits.errorRise, tuning);
  if (rise === null) return refuse('no request was seen after');
  return judged({
    metric: 'error_rate',
    baseline: rise.before.ratio,
    results: [rise],
    toLevel: (ratio) => ratio,
    toChange: (ratio) => ratio,
    counts,
    values: is.values,
    grave: isGraveRise(rise, limits.errorRise, tuning),
  });
}

/** Bad enough by itself: surely a rise, of what matters, and where nothing was seen before of many failures. */
export function isGraveRise(rise: ErrorRise, leastRise: number, tuning: Tuning): boolean {
  // A project that says that 3 points do not matter is not told to roll back for 1.
  if (rise.change < Math.max(tuning.graveErrorRise, leastRise)) return false;
  if ((rise.interval?.low ?? 0) <= 0) return false;
  return rise.before.requests > 0 || rise.after.failed >= tuning.errorGrowthFailures;
}
