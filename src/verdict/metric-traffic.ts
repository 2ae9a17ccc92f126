import type { Window } from './admit.ts';
import { type Assessment, judged, notJudged } from './assessment.ts';
import type { Context } from './context.ts';
import { countsOf, type Measured, measured, whyUnmeasured } from './measured.ts';
import { median } from './order-statistics.ts';
import { timed } from './ramp.ts';
import { lateShift } from './rule-late-shift.ts';
import { levelShift } from './rule-level-shift.ts';
import { repeatedExcess } from './rule-repeated-excess.ts';
import { silence } from './rule-silence.ts';
import { trackOf } from './track.ts';
import { goneOn, trendOf } from './trend.ts';
import type { Tuning } from './tuning.ts';
import type { Limits } from './types.ts';

/** Traffic ten times the level before is as little of a drop as a hundred times; keeps a burst out of the noise estimate. */
const MAX_TIMES = 10;
/** Keeps the logarithm of an empty minute finite: one request in ten minutes. */
const MIN_RPS = 1 / 600;
const FALLING_TAU = 0.6;
/** A loss that a rise hides is inferred, not seen: only from a very steady rise. */
const RISING_TAU = 0.8;
const MIN_RISING_SAMPLES = 10;

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

  const ramp = rampOf(was, is, limits);
  const factor = context.planned * Math.min(1, ramp.factor);
  const stopped = silence(was, is, factor, tuning);
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
    priorSamples: tuning.priorSamples,
    leastChange: limits.trafficDrop,
  });
  const shift = levelShift(track, tuning);
  return judged({
    metric: 'requests_per_sec',
    baseline,
    expected: level,
    results:
      ramp.factor > 1
        ? [{ ...shift, rule: 'ramp_loss' }]
        : [shift, lateShift(track, tuning), repeatedExcess(track, tuning)],
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

interface TrafficRamp {
  /** Where the level would be if a ramp before just went on, as a multiple of the level before; 1 without one. */
  readonly factor: number;
  /** Drift of the level around it. */
  readonly driftSd: (usual: number) => number;
  /** A window's traffic without the slope inside it: a slope is no noise. */
  readonly without: (window: Measured) => readonly number[];
}

const NO_RAMP: TrafficRamp = { factor: 1, driftSd: (usual) => usual, without: (window) => window.values };

function withoutSlope({ samples, values }: Measured, slopePerMs: number): number[] {
  const times = samples.map((sample) => sample.collectedAtMs);
  const middleMs = median(times);
  return values.map((rps, i) => rps * Math.exp(-slopePerMs * ((times[i] ?? middleMs) - middleMs)));
}

/**
 * A fall that was going on explains less traffic. A steady rise hides a loss: but only one that breaks off at the
 * deployment, against what the last minutes before had reached.
 */
function rampOf(was: Measured, is: Measured, limits: Limits): TrafficRamp {
  const working = (rps: number) => Math.log(Math.max(rps, MIN_RPS));
  const points = timed(was, working);
  const trend = trendOf(points, FALLING_TAU);
  if (trend === null) return NO_RAMP;
  const after = timed(is, working);
  const gone = goneOn(trend, points, after);
  const without = (window: Measured) => withoutSlope(window, trend.slopePerMs);
  // Nobody knows how much longer a ramp goes on.
  if (gone <= 0) return { factor: Math.exp(gone), driftSd: (usual) => usual - gone / 4, without };
  if (trend.tau < RISING_TAU || points.length < MIN_RISING_SAMPLES) return NO_RAMP;
  const reached = median(was.values.slice(-REACHED_SAMPLES));
  const starts = median(is.values.slice(0, START_SAMPLES));
  if (starts >= reached * (1 - limits.trafficDrop / 2)) return NO_RAMP;
  const aheadMs = median(after.map(({ atMs }) => atMs)) - (points.at(-1)?.atMs ?? 0);
  const ahead = RAMP_DOUBT * trend.slopePerMs * Math.max(0, aheadMs);
  return { factor: Math.exp(gone), driftSd: (usual) => Math.hypot(EXPLAINED_DRIFT * usual, ahead), without };
}

/** The minutes around the deployment between which a rise must break off. */
const REACHED_SAMPLES = 3;
const START_SAMPLES = 2;
/** A ramp may slow down by a quarter from one window to the next, and explains half of the usual drift. */
const RAMP_DOUBT = 0.25;
const EXPLAINED_DRIFT = 0.5;
