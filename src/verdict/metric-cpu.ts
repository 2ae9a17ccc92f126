import type { Window } from './admit.ts';
import { type Assessment, judged } from './assessment.ts';
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
  const cpuBefore = before.samples.map((s) => s.cpu_usage);
  const cpuAfter = after.samples.map((s) => s.cpu_usage);
  const rpsBefore = median(before.samples.map((s) => s.requests_per_sec));
  const rpsAfter = median(after.samples.map((s) => s.requests_per_sec));
  const more = (rpsAfter + tuning.cpuIdleRps) / (rpsBefore + tuning.cpuIdleRps);
  const growth = Math.min(tuning.cpuGrowthMax, Math.max(1, more));
  const baseline = median(cpuBefore);
  const busy = Math.min(1, baseline * growth);
  const track = trackOf({
    before: cpuBefore,
    after: cpuAfter,
    independentBefore: before.independent,
    independentAfter: after.independent,
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
    samplesBefore: cpuBefore.length,
    samples: after.samples,
    grave: false,
  });
}
