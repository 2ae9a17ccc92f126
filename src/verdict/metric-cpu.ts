import type { Window } from './admit.ts';
import { type Assessment, judged, notJudged } from './assessment.ts';
import { countsOf, measured, whyUnmeasured } from './measured.ts';
import { median } from './order-statistics.ts';
import { lateShift } from './rule-late-shift.ts';
import { levelShift } from './rule-level-shift.ts';
import { repeatedExcess } from './rule-repeated-excess.ts';
import { trackOf } from './track.ts';
import type { Tuning } from './tuning.ts';
import type { Limits } from './types.ts';

/**
 * CPU usage as it is, 0..1, against the level before raised by the growth of traffic: more work is no regression.
 * Less traffic lowers nothing, since much of the CPU of a quiet service does not come from requests. Drift is that
 * of a share of busy time: largest at half load, little near 0 and 1.
 */
export function assessCpu(before: Window, after: Window, limits: Limits, tuning: Tuning): Assessment {
  const was = measured(before, 'cpu_usage');
  const is = measured(after, 'cpu_usage');
  const counts = countsOf(was, is);
  const baseline = was.values.length > 0 ? median(was.values) : null;
  const unmeasured = whyUnmeasured(was, is, tuning.minPostSamples);
  if (unmeasured !== null || baseline === null) {
    const observed = is.values.length > 0 ? median(is.values) : null;
    return notJudged('cpu_usage', unmeasured ?? 'there is nothing to compare', { baseline, observed, counts });
  }
  const growth = growthExplained(before, after, tuning);
  const busy = Math.min(1, baseline * growth);
  const track = trackOf({
    before: was.values,
    after: is.values,
    independentBefore: was.independent,
    independentAfter: is.independent,
    noise: { sampleSd: tuning.cpu.sampleSd, driftSd: tuning.cpu.driftSd + tuning.cpuDriftSlope * busy * (1 - busy) },
    priorSamples: tuning.priorSamples,
    leastChange: limits.cpuRise,
    explained: baseline * (growth - 1),
  });
  return judged({
    metric: 'cpu_usage',
    baseline,
    results: [levelShift(track, tuning), lateShift(track, tuning), repeatedExcess(track, tuning)],
    toLevel: (y) => y,
    toChange: (y) => y,
    counts,
    values: is.values,
    grave: false,
  });
}

/** How many times the CPU before more traffic explains; 1 where traffic was not measured. */
function growthExplained(before: Window, after: Window, tuning: Tuning): number {
  const was = measured(before, 'requests_per_sec').values;
  const is = measured(after, 'requests_per_sec').values;
  if (was.length === 0 || is.length === 0) return 1;
  const more = (median(is) + tuning.cpuIdleRps) / (median(was) + tuning.cpuIdleRps);
  return Math.min(tuning.cpuGrowthMax, Math.max(1, more));
}
