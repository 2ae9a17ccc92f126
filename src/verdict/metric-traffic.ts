import type { Window } from './admit.ts';
import { type Assessment, judged, notJudged } from './assessment.ts';
import type { Context } from './context.ts';
import { countsOf, measured, whyUnmeasured } from './measured.ts';
import { median } from './order-statistics.ts';
import { byLevel } from './rules/by-level.ts';
import { rampLoss } from './rules/ramp-loss.ts';
import { heard } from './rules/rule.ts';
import { silence } from './rules/silence.ts';
import { trackOf } from './track.ts';
import { trafficRampOf } from './traffic-ramp.ts';
import type { Tuning } from './tuning.ts';
import type { Limits } from './types.ts';

/** Traffic ten times the level before is as little of a drop as a hundred times; keeps a burst out of the noise estimate. */
export const MAX_TIMES = 10;

/**
 * Requests per second, as the share of the level expected that is lost: −rps ÷ level. Linear and not logarithmic, so
 * that a deeper drop never looks noisier than a shallow one. Counts of few requests scatter more: the prior's variance
 * gets `trafficBurst` ÷ requests a minute. The level expected is the one before, times what CI said of instances and
 * shares, and further along a ramp that was going on. Below `trafficMinRps` only silence is looked for.
 */
export function assessTraffic(
  before: Window,
  after: Window,
  limits: Limits,
  tuning: Tuning,
  context: Context,
): Assessment {
  const was = measured(before, 'requests_per_sec');
  const is = measured(after, 'requests_per_sec');
  const counts = countsOf(was, is);
  const baseline = was.values.length > 0 ? median(was.values) : null;
  const observed = is.values.length > 0 ? median(is.values) : null;
  const refuse = (why: string) => notJudged('requests_per_sec', why, { baseline, observed, counts });
  const unmeasured = whyUnmeasured(was, is, { least: tuning.minPostSamples, isNeverZero: false });
  if (unmeasured !== null || baseline === null || observed === null) {
    return refuse(unmeasured ?? 'there is nothing to compare');
  }
  if (context.planned === 0) return refuse('no traffic was planned for what is read');

  const ramp = trafficRampOf(was, is, limits);
  const factor = context.planned * Math.min(1, ramp.factor);
  const found = silence(was, is, factor, tuning);
  const stopped = found === null ? null : heard(found, tuning);
  const hasStopped = stopped !== null && stopped.strength >= 1;
  const shown = { counts, values: is.values, alternative: alternativeTo(context) };
  const isLow = baseline * context.planned < tuning.trafficMinRps;
  if (isLow || hasStopped) {
    // Of little traffic the median is often 0: the mean is what was counted.
    if (stopped === null || !stopped.canTell) return refuse('a drop of so little traffic is chance');
    const level = meanOf(was.values) * factor;
    return judged({
      metric: 'requests_per_sec',
      baseline: meanOf(was.values),
      expected: level,
      results: [stopped],
      toLevel: (y) => -y * level,
      toChange: (y) => y * level,
      grave: hasStopped,
      ...shown,
    });
  }
  const level = baseline * ramp.factor * context.planned;
  const working = (rps: number, expected: number) => -Math.min(rps / expected, MAX_TIMES);
  const track = trackOf({
    before: ramp.without(was).map((rps) => working(rps, baseline)),
    after: ramp.without(is).map((rps) => working(rps, level)),
    independentBefore: was.independent,
    independentAfter: is.independent,
    noise: {
      sampleSd: Math.sqrt(tuning.traffic.sampleSd ** 2 + tuning.trafficBurst / (level * 60)),
      driftSd: ramp.driftSd(tuning.traffic.driftSd),
    },
    priors: tuning,
    leastChange: limits.trafficDrop,
  });
  return judged({
    metric: 'requests_per_sec',
    baseline,
    expected: level,
    results: ramp.factor > 1 ? [heard(rampLoss(track, tuning), tuning)] : byLevel('requests_per_sec', track, tuning),
    toLevel: (y) => -y * level,
    toChange: (y) => y * level,
    grave: observed <= tuning.graveTrafficShare * Math.min(level, baseline * context.planned),
    ...shown,
  });
}

function meanOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}

/** Traffic of one reading falls when requests are lost, and when more instances share them: only CI can tell. */
function alternativeTo({ facts }: Context): string | null {
  if (facts.instances !== undefined || facts.trafficShare !== undefined) return null;
  return 'either requests are lost, or more instances share them (CI can tell with `instances` or `traffic_share`)';
}
