// Measured (bench/verdict/results/ablation.json): alone 0 false alarms on 636 healthy cases, 18 of 381 faults; without it 9 for 9, 365 for 365.

import { incompleteBeta } from '../incomplete-beta.ts';
import type { Measured } from '../measured.ts';
import { requestsIn } from '../requests.ts';
import type { Tuning } from '../tuning.ts';
import type { RuleResult } from './rule.ts';

/** Requests that count at most: beyond, the chance of none is nil whatever the service is like. */
const MAX_REQUESTS = 20_000;
/** A last stretch without requests is picked with hindsight, and shorter ones are pauses. */
const MIN_TRAILING = 3;
const HINDSIGHT = 0.1;

export interface Silence extends RuleResult {
  /** Silence would have been found: so many requests are expected that none at all is no chance. */
  readonly canTell: boolean;
}

/**
 * Have the requests stopped? At any traffic: how likely are so few, given how many came before? Requests are counted;
 * their number scatters more than by chance alone (users click in bursts: the Fano factor, seen before and shrunk to
 * `burst`), the level itself drifts with the hour (`hourDrift`), and what is known of it from few requests is little. The
 * three make a negative binomial distribution, and the metric fails when its tail is at most `silenceChance`, and no more
 * than `graveTrafficShare` of the traffic is left. The same is asked of the last stretch without any request, more
 * strictly. Three a minute that stop for five are found; one burst in ten minutes that does not come is not.
 *
 * Working scale as for traffic: −rps ÷ the level expected. Null where nothing came before, or nothing is expected.
 */
export function silence(
  before: Measured,
  after: Measured,
  /** Expected after, as a multiple of the traffic before. */
  factor: number,
  tuning: Tuning,
): Silence | null {
  const was = countsOf(before);
  const is = countsOf(after);
  const seen = sum(was) * shareOf(before);
  if (seen <= 0 || factor <= 0) return null;
  const perSample = (sum(was) / was.length) * factor;
  const spread = { fano: fanoOf(was, tuning), seen, drift: tuning.hourDrift };
  const whole = chanceOfAtMost(sum(is) * shareOf(after), perSample * after.independent, spread);
  const left = sum(is) / is.length / perSample;
  const trailing = is.length - 1 - is.findLastIndex((count) => count > 0);
  const sinceSamples = trailing * shareOf(after);
  const last = trailing >= MIN_TRAILING ? chanceOfAtMost(0, perSample * sinceSamples, spread) / HINDSIGHT : 1;
  const isTrailing = last < whole;
  const surprise = Math.log(Math.max(Math.min(whole, last), Number.MIN_VALUE)) / Math.log(tuning.silenceChance);
  const remaining = isTrailing ? 0 : left;
  const expected = perSample * (isTrailing ? sinceSamples : after.independent);
  const kept = remaining * expected;
  const limit = 1 - tuning.graveTrafficShare;
  return {
    rule: 'silence',
    change: 1 - remaining,
    observed: -remaining,
    limit,
    standardError: Math.sqrt(spread.fano / Math.max(1, expected)),
    interval: { low: 1 - most(kept, spread.fano) / expected, high: 1 - least(kept, spread.fano) / expected },
    canTell: chanceOfAtMost(0, perSample * after.independent, spread) <= tuning.silenceChance,
    strength: Math.max(0, Math.min((1 - remaining) / limit, surprise)),
  };
}

function countsOf(window: Measured): number[] {
  return window.samples.map((sample) => Math.min(requestsIn(sample) ?? 0, MAX_REQUESTS));
}

/** Overlapping readings repeat each other's requests. */
function shareOf(window: Measured): number {
  return window.independent / Math.max(1, window.samples.length);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

/** Variance ÷ mean of the counts, at least 1, shrunk to what is usual. */
function fanoOf(counts: readonly number[], tuning: Tuning): number {
  const mean = sum(counts) / counts.length;
  const squares = counts.reduce((total, count) => total + (count - mean) ** 2, 0);
  const prior = tuning.priorSamples;
  return Math.max(1, (prior * tuning.burst + squares / mean) / (prior + counts.length - 1));
}

/** 95 % bounds of a mean of which `count` were seen, by the score interval of a Poisson count in units of the Fano factor. */
function most(count: number, fano: number): number {
  return count + fano * (HALF_Z2 + Z95 * Math.sqrt(count / fano + HALF_Z2 / 2));
}

function least(count: number, fano: number): number {
  return Math.max(0, count + fano * (HALF_Z2 - Z95 * Math.sqrt(count / fano + HALF_Z2 / 2)));
}

const Z95 = 1.96;
const HALF_Z2 = Z95 ** 2 / 2;

/** P(at most `count`) where `expected` are expected: negative binomial, counts in units of the Fano factor. */
function chanceOfAtMost(
  count: number,
  expected: number,
  spread: { fano: number; seen: number; drift: number },
): number {
  const shape = 1 / (spread.drift ** 2 + spread.fano / spread.seen);
  const mean = expected / spread.fano;
  const reach = mean / (mean + shape);
  return 1 - incompleteBeta(reach, count / spread.fano + 1, shape);
}
