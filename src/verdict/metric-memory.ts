import type { Window } from './admit.ts';
import { type Assessment, judged, notJudged } from './assessment.ts';
import { countsOf, measured, whyUnmeasured } from './measured.ts';
import { median } from './order-statistics.ts';
import { lateShift } from './rule-late-shift.ts';
import { leak } from './rule-leak.ts';
import { levelShift } from './rule-level-shift.ts';
import { repeatedExcess } from './rule-repeated-excess.ts';
import { trackOf } from './track.ts';
import type { Tuning } from './tuning.ts';
import type { Limits } from './types.ts';

/** Memory usage as it is, 0..1: the quietest of the five, and the only one that is also searched for a steady climb. */
export function assessMemory(before: Window, after: Window, limits: Limits, tuning: Tuning): Assessment {
  const was = measured(before, 'memory_usage');
  const is = measured(after, 'memory_usage');
  const counts = countsOf(was, is);
  const baseline = was.values.length > 0 ? median(was.values) : null;
  const unmeasured = whyUnmeasured(was, is, tuning.minPostSamples);
  if (unmeasured !== null || baseline === null) {
    const observed = is.values.length > 0 ? median(is.values) : null;
    return notJudged('memory_usage', unmeasured ?? 'there is nothing to compare', { baseline, observed, counts });
  }
  const track = trackOf({
    before: was.values,
    after: is.values,
    independentBefore: was.independent,
    independentAfter: is.independent,
    noise: tuning.memory,
    priorSamples: tuning.priorSamples,
    leastChange: limits.memoryRise,
  });
  return judged({
    metric: 'memory_usage',
    baseline,
    results: [leak(track, tuning), levelShift(track, tuning), lateShift(track, tuning), repeatedExcess(track, tuning)],
    toLevel: (y) => y,
    toChange: (y) => y,
    counts,
    values: is.values,
    grave: false,
  });
}
