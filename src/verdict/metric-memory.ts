import type { Window } from './admit.ts';
import { type Assessment, judged } from './assessment.ts';
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
  const memoryBefore = before.samples.map((s) => s.memory_usage);
  const memoryAfter = after.samples.map((s) => s.memory_usage);
  const track = trackOf({
    before: memoryBefore,
    after: memoryAfter,
    independentBefore: before.independent,
    independentAfter: after.independent,
    noise: tuning.memory,
    priorSamples: tuning.priorSamples,
    leastChange: limits.memoryRise,
  });
  return judged({
    metric: 'memory_usage',
    baseline: median(memoryBefore),
    results: [leak(track, tuning), levelShift(track, tuning), lateShift(track, tuning), repeatedExcess(track, tuning)],
    toLevel: (y) => y,
    toChange: (y) => y,
    samplesBefore: memoryBefore.length,
    samples: after.samples,
    grave: false,
  });
}
