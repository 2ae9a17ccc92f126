import { quantileOfSorted, robustSpread, sorted } from './order-statistics.ts';
import type { NoisePrior, Tuning } from './tuning.ts';

/**
 * One metric on its working scale, where higher is always worse and noise is roughly even: the common ground of the
 * rules in rules/. `after` keeps the order of time; nothing looks at the order before.
 */
export interface Track {
  readonly after: readonly number[];
  readonly sortedBefore: readonly number[];
  readonly sortedAfter: readonly number[];
  /** What the metric is expected to be after: the median before, for CPU raised by what more traffic explains. */
  readonly expected: number;
  /** Median before, without that raise. */
  readonly levelBefore: number;
  /** A climb over the window after that was going on already before. */
  readonly climbBefore: number;
  /** Independent samples in each window (Window.independent). */
  readonly independentBefore: number;
  readonly independentAfter: number;
  /** Deviation of a single sample around its window's level. */
  readonly sampleSd: number;
  /** Deviation of the level between windows. */
  readonly driftSd: number;
  /** The least change that matters, on the working scale. */
  readonly leastChange: number;
  /** 1; above 1 the metric is little worth just now (latency of few requests) and needs that many times the evidence. */
  readonly strictness: number;
}

/** How many samples each belief is worth: see tuning.ts. */
export type Priors = Pick<Tuning, 'priorSamples' | 'driftPriorSamples' | 'strictPriorSamples'>;

export interface TrackInput {
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly independentBefore: number;
  readonly independentAfter: number;
  readonly noise: NoisePrior;
  /** How many samples each belief is worth. */
  readonly priors: Priors;
  readonly leastChange: number;
  readonly strictness?: number;
  /** Added to the level before: what is explained by something else. */
  readonly explained?: number;
  /** Climb of the window after that was going on already before. */
  readonly climbBefore?: number;
}

/**
 * Builds the track of one metric; both windows must hold a sample.
 *
 * The deviation of a sample is estimated from both windows, each around its own median, so that a shift between them
 * does not count as noise. With few samples any estimate is luck (five equal readings give 0), so the variance is
 * shrunk to the prior: the posterior mean under a scaled inverse chi-squared prior with `priorSamples` degrees of
 * freedom (Gelman et al., Bayesian Data Analysis, §2.6; the same shrinkage as limma's, Smyth 2004).
 * Data count n₁ + n₂ − 2 independent samples, for the two medians that were fitted.
 */
export function trackOf(input: TrackInput): Track {
  const sortedBefore = sorted(input.before);
  const sortedAfter = sorted(input.after);
  const levelBefore = quantileOfSorted(sortedBefore, 0.5);
  const levelAfter = quantileOfSorted(sortedAfter, 0.5);
  const { priors, noise, independentBefore, independentAfter } = input;
  const residualsBefore = sortedBefore.map((value) => value - levelBefore);
  const residuals: number[] = [];
  // A window of one sample has a residual of 0 by construction, which says nothing.
  if (sortedBefore.length > 1) residuals.push(...residualsBefore);
  if (sortedAfter.length > 1) for (const value of sortedAfter) residuals.push(value - levelAfter);
  const seen = Math.max(0, independentBefore + independentAfter - 2);
  const spread = robustSpread(residuals);
  const prior = noise.sampleSd ** 2 * priors.priorSamples;
  const known = Math.max(0, independentBefore - 1);
  const ownDrift = Math.min(noise.driftSd, DRIFT_OF_SPREAD * robustSpread(residualsBefore));
  const priorShare = priors.driftPriorSamples / (priors.driftPriorSamples + known);
  const strictness = (input.strictness ?? 1) ** (priors.strictPriorSamples / (priors.strictPriorSamples + known));
  return {
    after: input.after,
    sortedBefore,
    sortedAfter,
    expected: levelBefore + (input.explained ?? 0),
    levelBefore,
    climbBefore: input.climbBefore ?? 0,
    independentBefore,
    independentAfter,
    sampleSd: Math.sqrt((prior + seen * spread * spread) / (priors.priorSamples + seen)),
    driftSd: Math.sqrt(priorShare * noise.driftSd ** 2 + (1 - priorShare) * ownDrift ** 2),
    leastChange: input.leastChange * strictness,
    strictness,
  };
}

/** The level of a few samples wanders by about this share of what single ones scatter by, noise included. */
const DRIFT_OF_SPREAD = 0.7;

/**
 * Standard error of the difference between the level before and the level of `independentAfter` samples after when
 * nothing was deployed: sampling noise of both sides, and the drift that time itself brings.
 */
export function standardError(track: Track, independentAfter: number): number {
  const sampling = track.sampleSd ** 2 * (1 / track.independentBefore + 1 / independentAfter);
  return Math.sqrt(sampling + track.driftSd ** 2);
}
