import type { Window } from './admit.ts';
import { type Assessment, judged, notJudged } from './assessment.ts';
import { nearCeiling } from './ceiling.ts';
import { type Context, whyAnotherLoad } from './context.ts';
import { times } from './figures.ts';
import { countsOf, measured, whyUnmeasured } from './measured.ts';
import { median } from './order-statistics.ts';
import { rampOf } from './ramp.ts';
import { byLevel } from './rules/by-level.ts';
import { trackOf } from './track.ts';
import type { Tuning } from './tuning.ts';
import type { Limits } from './types.ts';

/** Memory usage as it is, 0..1: the quietest of the five, and the only one that is also searched for a steady climb. */
export function assessMemory(
  before: Window,
  after: Window,
  limits: Limits,
  tuning: Tuning,
  context: Context,
): Assessment {
  const was = measured(before, 'memory_usage');
  const is = measured(after, 'memory_usage');
  const counts = countsOf(was, is);
  const baseline = was.values.length > 0 ? median(was.values) : null;
  const unmeasured = whyUnmeasured(was, is, { least: tuning.minPostSamples, isNeverZero: true });
  if (unmeasured !== null || baseline === null) {
    const observed = is.values.length > 0 ? median(is.values) : null;
    return notJudged('memory_usage', unmeasured ?? 'there is nothing to compare', { baseline, observed, counts });
  }
  if (context.isNewlyServing) {
    const observed = median(is.values);
    return notJudged('memory_usage', whyAnotherLoad(context), { baseline, observed, counts });
  }
  const ramp = rampOf(was, is, (value) => value);
  const expected = Math.min(1, baseline + ramp.explained);
  const { leastChange, noise } = nearCeiling(expected, limits.memoryRise, tuning.memory);
  const track = trackOf({
    before: was.values,
    after: is.values,
    independentBefore: was.independent,
    independentAfter: is.independent,
    noise,
    priors: tuning,
    leastChange,
    explained: expected - baseline,
    climbBefore: ramp.inWindow,
  });
  return judged({
    metric: 'memory_usage',
    baseline,
    expected: track.expected,
    results: byLevel('memory_usage', track, tuning),
    toLevel: (y) => y,
    toChange: (y) => y,
    counts,
    values: is.values,
    grave: false,
    alternative: moreTraffic(context),
  });
}

/** Memory in use grows with the requests under way: from this growth of traffic on that is said. */
const NOTABLE_GROWTH = 1.5;

function moreTraffic({ rpsBefore, rpsAfter }: Context): string | null {
  if (rpsBefore === null || rpsAfter === null || rpsBefore <= 0) return null;
  const growth = rpsAfter / rpsBefore;
  return growth >= NOTABLE_GROWTH ? `traffic grew ${times(growth)}, and memory may have grown with it` : null;
}
