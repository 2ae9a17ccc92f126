import type { Measured } from './measured.ts';
import { goneOn, type Timed, trendOf } from './trend.ts';

/** Rank correlation with time from which a window before counts as a ramp: of eight samples by luck once in thirty. */
const MIN_TAU = 0.6;

export interface Ramp {
  /** Rise of the working scale from the level before to that after, if the ramp just went on; 0 or more. */
  readonly explained: number;
  /** And in the course of the window after. */
  readonly inWindow: number;
}

const NONE: Ramp = { explained: 0, inWindow: 0 };

/** What a metric that was getting worse already before the deployment would have become by itself. */
export function rampOf(before: Measured, after: Measured, working: (value: number) => number): Ramp {
  if (before.isRampless === true) return NONE;
  const was = timed(before, working);
  const is = timed(after, working);
  const trend = trendOf(was, MIN_TAU);
  if (trend === null || trend.slopePerMs <= 0) return NONE;
  const spanMs = (is.at(-1)?.atMs ?? 0) - (is[0]?.atMs ?? 0);
  return { explained: goneOn(trend, was, is), inWindow: trend.slopePerMs * Math.max(0, spanMs) };
}

export function timed(window: Measured, working: (value: number) => number): Timed[] {
  return window.samples.map((sample, i) => ({
    atMs: sample.collectedAtMs,
    value: working(window.values[i] ?? Number.NaN),
  }));
}
