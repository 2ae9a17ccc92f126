import type { Window } from './admit.ts';
import { type Assessment, judged, notJudged } from './assessment.ts';
import { hasRequests } from './requests.ts';
import { errorRise } from './rule-error-rise.ts';
import type { Tuning } from './tuning.ts';
import type { Limits } from './types.ts';

/** Error ratio, 0..1, weighted by requests: levels are failed ÷ all requests of the window, not means of ratios. */
export function assessErrors(before: Window, after: Window, limits: Limits, tuning: Tuning): Assessment {
  const rise = errorRise(before, after, limits.errorRise, tuning);
  const served = { before: before.samples.filter(hasRequests), after: after.samples.filter(hasRequests) };
  const counts = {
    before: served.before.length,
    after: served.after.length,
    withoutRequests: before.samples.length + after.samples.length - served.before.length - served.after.length,
  };
  if (rise === null) {
    return notJudged('error_rate', 'no request was seen after', { baseline: null, observed: null, ...counts });
  }
  return judged({
    metric: 'error_rate',
    baseline: rise.before.ratio,
    results: [rise],
    toLevel: (ratio) => ratio,
    toChange: (ratio) => ratio,
    samplesBefore: counts.before,
    samples: served.after,
    withoutRequests: counts.withoutRequests,
    // A project that says that 3 points do not matter is not told to roll back for 1.
    grave: rise.change >= Math.max(tuning.graveErrorRise, limits.errorRise),
  });
}
