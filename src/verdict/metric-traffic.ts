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

/** Traffic ten times the level before is as little of a drop as a hundred times; keeps a burst out of the noise estimate. */
const MOST_TIMES = 10;

/**
 * Requests per second, as the share of the level before that is lost: −rps / level. Linear and not logarithmic, so that
 * a deeper drop never looks noisier than a shallow one. Counts of few requests scatter more: the prior's variance
 * gets `trafficBurst` ÷ requests a minute.
 */
export function assessTraffic(before: Window, after: Window, limits: Limits, tuning: Tuning): Assessment {
  const was = measured(before, 'requests_per_sec');
  const is = measured(after, 'requests_per_sec');
  const counts = countsOf(was, is);
  const baseline = was.values.length > 0 ? median(was.values) : null;
  const observed = is.values.length > 0 ? median(is.values) : null;
  const refuse = (why: string) => notJudged('requests_per_sec', why, { baseline, observed, counts });
  const unmeasured = whyUnmeasured(was, is, tuning.minPostSamples);
  if (unmeasured !== null || baseline === null || observed === null) {
    return refuse(unmeasured ?? 'there is nothing to compare');
  }
  if (baseline < tuning.trafficMinRps) return refuse('a drop of so little traffic is chance');

  const working = (rps: number) => -Math.min(rps / baseline, MOST_TIMES);
  const track = trackOf({
    before: was.values.map(working),
    after: is.values.map(working),
    independentBefore: was.independent,
    independentAfter: is.independent,
    noise: {
      sampleSd: Math.sqrt(tuning.traffic.sampleSd ** 2 + tuning.trafficBurst / (baseline * 60)),
      driftSd: tuning.traffic.driftSd,
    },
    priorSamples: tuning.priorSamples,
    leastChange: limits.trafficDrop,
  });
  return judged({
    metric: 'requests_per_sec',
    baseline,
    results: [levelShift(track, tuning), lateShift(track, tuning), repeatedExcess(track, tuning)],
    toLevel: (y) => -y * baseline,
    toChange: (y) => y * baseline,
    counts,
    values: is.values,
    grave: baseline >= tuning.graveTrafficMinRps && observed <= tuning.graveTrafficShare * baseline,
  });
}
