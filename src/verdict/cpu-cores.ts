import type { Window } from './admit.ts';
import { type Assessment, judged, notJudged } from './assessment.ts';
import { type Context, whyAnotherLoad } from './context.ts';
import { countsOf, type Measured, measuredFact, whyUnmeasured } from './measured.ts';
import { median } from './order-statistics.ts';
import { rampOf } from './ramp.ts';
import { byLevel } from './rules/by-level.ts';
import { trackOf } from './track.ts';
import { growthExplained } from './traffic-growth.ts';
import type { Tuning } from './tuning.ts';
import type { Limits } from './types.ts';

/** Drift is largest at half load; without a limit more work is no nearer to a ceiling. */
const HALF_LOAD = 0.5;

export interface Cores {
  readonly was: Measured;
  readonly is: Measured;
}

/** CPU in cores of both windows, where sources told it; null where that can't be compared. */
export function coresOf(before: Window, after: Window, tuning: Tuning): Cores | null {
  const was = measuredFact(before, 'cpuCores');
  const is = measuredFact(after, 'cpuCores');
  const isKnown = was.values.length > 0 && is.values.length >= tuning.minPostSamples && median(was.values) > 0;
  const unmeasured = whyUnmeasured(was, is, { least: tuning.minPostSamples, isNeverZero: true });
  return isKnown && unmeasured === null ? { was, is } : null;
}

/**
 * CPU in cores, where no limit is set that it could be a share of: the relative change. It is judged as the usage of a limit
 * that nobody set, of which `cpuShareOfLimit` was used before, but of one core at least: drift, growth with traffic and what
 * matters are those of CPU usage. So a service below that share of one core is judged in points of a core, for .01 → .02
 * cores is no news, and a larger one by its own size.
 */
export function assessCores({ was, is }: Cores, limits: Limits, tuning: Tuning, context: Context): Assessment {
  const counts = countsOf(was, is);
  const baseline = median(was.values);
  if (context.isNewlyServing) {
    const seen = { baseline, observed: median(is.values), counts };
    return withCores(notJudged('cpu_usage', whyAnotherLoad(context), seen));
  }
  const limitCores = Math.max(1, baseline / tuning.cpuShareOfLimit);
  const working = (cores: number) => cores / limitCores;
  const ramp = rampOf(was, is, working);
  const expected = working(baseline) * growthExplained(context, tuning) + ramp.explained;
  const busy = Math.min(HALF_LOAD, expected);
  const track = trackOf({
    before: was.values.map(working),
    after: is.values.map(working),
    independentBefore: was.independent,
    independentAfter: is.independent,
    noise: { ...tuning.cpu, driftSd: tuning.cpu.driftSd + tuning.cpuDriftSlope * busy * (1 - busy) },
    priors: tuning,
    leastChange: Math.max(limits.cpuRise, tuning.coresGrowth * working(baseline)),
    explained: expected - working(baseline),
  });
  return judged({
    metric: 'cpu_usage',
    judgedBy: 'cpu_cores',
    baseline,
    expected: track.expected * limitCores,
    results: byLevel('cpu_usage', track, tuning),
    toLevel: (y) => y * limitCores,
    toChange: (y) => y * limitCores,
    counts,
    values: is.values,
    grave: false,
  });
}

function withCores(assessment: Assessment): Assessment {
  return { ...assessment, evidence: { ...assessment.evidence, judgedBy: 'cpu_cores' } };
}
