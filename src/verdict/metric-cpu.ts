import type { Window } from './admit.ts';
import { type Assessment, judged, notJudged } from './assessment.ts';
import { nearCeiling } from './ceiling.ts';
import { type Context, whyAnotherLoad } from './context.ts';
import { assessCores, coresOf } from './cpu-cores.ts';
import { countsOf, measured, whyUnmeasured } from './measured.ts';
import { median } from './order-statistics.ts';
import { rampOf } from './ramp.ts';
import { byLevel } from './rules/by-level.ts';
import { trackOf } from './track.ts';
import { growthExplained } from './traffic-growth.ts';
import type { Tuning } from './tuning.ts';
import type { Limits } from './types.ts';

/**
 * CPU usage as it is, 0..1, against the level before raised by the growth of traffic: more work is no regression.
 * Less traffic lowers nothing, since much of the CPU of a quiet service does not come from requests. Drift is that
 * of a share of busy time: largest at half load, little near 0 and 1. Where no limit is known to divide by, cores.
 */
export function assessCpu(before: Window, after: Window, limits: Limits, tuning: Tuning, context: Context): Assessment {
  const was = measured(before, 'cpu_usage');
  const is = measured(after, 'cpu_usage');
  const counts = countsOf(was, is);
  const baseline = was.values.length > 0 ? median(was.values) : null;
  const unmeasured = whyUnmeasured(was, is, { least: tuning.minPostSamples, isNeverZero: true });
  if (unmeasured !== null || baseline === null) {
    const inCores = coresOf(before, after, tuning);
    if (inCores !== null) return assessCores(inCores, limits, tuning, context);
    const observed = is.values.length > 0 ? median(is.values) : null;
    return notJudged('cpu_usage', unmeasured ?? 'there is nothing to compare', { baseline, observed, counts });
  }
  if (context.isNewlyServing) {
    const observed = median(is.values);
    return notJudged('cpu_usage', whyAnotherLoad(context), { baseline, observed, counts });
  }
  const growth = growthExplained(context, tuning);
  const ramp = rampOf(was, is, (value) => value);
  const busy = Math.min(1, baseline * growth + ramp.explained);
  const { leastChange, noise } = nearCeiling(busy, limits.cpuRise, tuning.cpu);
  const track = trackOf({
    before: was.values,
    after: is.values,
    independentBefore: was.independent,
    independentAfter: is.independent,
    noise: { sampleSd: noise.sampleSd, driftSd: noise.driftSd + tuning.cpuDriftSlope * busy * (1 - busy) },
    priors: tuning,
    leastChange,
    explained: busy - baseline,
  });
  return judged({
    metric: 'cpu_usage',
    baseline,
    expected: track.expected,
    results: byLevel('cpu_usage', track, tuning),
    toLevel: (y) => y,
    toChange: (y) => y,
    counts,
    values: is.values,
    grave: false,
  });
}
