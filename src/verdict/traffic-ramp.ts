import type { Measured } from './measured.ts';
import { median } from './order-statistics.ts';
import { timed } from './ramp.ts';
import { goneOn, trendOf } from './trend.ts';
import type { Limits } from './types.ts';

/** Keeps the logarithm of an empty minute finite: one request in ten minutes. */
const MIN_RPS = 1 / 600;
const FALLING_TAU = 0.6;
/** A loss that a rise hides is inferred, not seen: only from a very steady rise. */
const RISING_TAU = 0.8;
const MIN_RISING_SAMPLES = 10;

/** The first minutes after, in which a rise must have broken off. */
const START_SAMPLES = 2;
/** A ramp may slow down by a quarter from one window to the next, and explains half of the usual drift. */
const RAMP_DOUBT = 0.25;
const EXPLAINED_DRIFT = 0.5;

/** A ramp of traffic that was going on before the deployment. */
export interface TrafficRamp {
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
 * deployment, against what the ramp had reached with the last sample before: the median of the last few would lag a minute
 * behind it, and hide a third of the loss where a minute brings 7 %.
 */
export function trafficRampOf(was: Measured, is: Measured, limits: Limits): TrafficRamp {
  if (was.isRampless === true) return NO_RAMP;
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
  const lastMs = points.at(-1)?.atMs ?? 0;
  const reached = Math.exp(median(points.map(({ atMs, value }) => value + trend.slopePerMs * (lastMs - atMs))));
  const starts = median(is.values.slice(0, START_SAMPLES));
  if (starts >= reached * (1 - limits.trafficDrop / 2)) return NO_RAMP;
  const aheadMs = median(after.map(({ atMs }) => atMs)) - lastMs;
  const ahead = RAMP_DOUBT * trend.slopePerMs * Math.max(0, aheadMs);
  return { factor: Math.exp(gone), driftSd: (usual) => Math.hypot(EXPLAINED_DRIFT * usual, ahead), without };
}
