import type { ErrorKind } from './error-prior.ts';
import type { Limits, RuleName } from './types.ts';

/**
 * Every constant of the engine, in one place, with what it prevents. The bench chooses the numeric ones anew inside each
 * fold (`bench/verdict/cross-validate.ts`); the values here are what the folds agreed on, but for errors and the
 * level's standard errors, which ship stricter: the cases hold next to no service that fails habitually. See docs/verdict.md.
 */

/** What is believed about a metric's noise before its own samples are seen, on its working scale (see metric-*.ts). */
export interface NoisePrior {
  /** Standard deviation of one sample around the level of its window. */
  readonly sampleSd: number;
  /** Standard deviation of the level itself between neighbouring windows when nothing was deployed. */
  readonly driftSd: number;
}

export interface Tuning {
  /** What the level before rests on at most: older samples tell about another hour. */
  readonly baselineSamples: number;
  /** Below this no judgement: with two samples a spike is half of the evidence. */
  readonly minPostSamples: number;
  /** Prior noise counts as this many samples: 5 + 5 equal readings of a quiet minute do not prove silence. */
  readonly priorSamples: number;
  /** What is believed of drift counts as so many samples before: a level that stood still for a quarter of an hour drifts little. */
  readonly driftPriorSamples: number;
  /** And so many that p95 of few requests is worth little: fifteen steady ones show otherwise. */
  readonly strictPriorSamples: number;
  /** Standard errors a shift of the median needs. 2.5 and not 2: five metrics are tested three ways each. */
  readonly levelZ: number;
  /** Standard errors the last half of the window needs: chosen after looking, so more than `levelZ`. */
  readonly lateZ: number;
  /** Standard errors from which a shift too small to matter is told all the same. */
  readonly certainZ: number;
  /** Single-sample deviations that the upper half of the samples must pass, each of them. */
  readonly repeatedZ: number;
  /** This quantile of the samples after must be past the limit too, so that a median at the edge of two modes is no shift. */
  readonly breadthQuantile: number;
  /** Levels that so many of the samples before stay under were visited before; a new one stands above them by this share. */
  readonly visitedQuantile: number;
  readonly visitedClearance: number;
  readonly latency: NoisePrior;
  readonly traffic: NoisePrior;
  readonly cpu: NoisePrior;
  readonly memory: NoisePrior;
  /** Latency is held to stricter limits below this many requests in a sample: the p95 of 60 rests on the top three. */
  readonly latencyFullRequests: number;
  /** And not judged below this many: a p95 of two requests is one of them. */
  readonly latencyMinRequests: number;
  /** A p95 that its buckets blind fails where the mean has this share of the strength it would need by itself. */
  readonly meanConsent: number;
  /** Requests per second below which a drop of traffic is not judged: one user going home halves it. */
  readonly trafficMinRps: number;
  /** Variance of a traffic sample is at least this ÷ requests in it; 1 would be Poisson, users come in bursts of clicks. */
  readonly trafficBurst: number;
  /** CPU's drift grows with u(1 − u), as the variance of a busy/idle share does: driftSd + this × u(1 − u). */
  readonly cpuDriftSlope: number;
  /** More traffic explains up to this many times the CPU. */
  readonly cpuGrowthMax: number;
  /** CPU in cores is taken for this share of a limit before, where that limit is more than one core. */
  readonly cpuShareOfLimit: number;
  /** And a rise by less than this share of the level does not matter. */
  readonly coresGrowth: number;
  /** CPU at rest counts as the work of this many requests per second: .1/s growing to .3/s explains next to nothing. */
  readonly cpuIdleRps: number;
  /** Kinds of services by their habitual error ratio, before anything is known of this one. */
  readonly errorKinds: readonly ErrorKind[];
  /** So many failures or more must be at most this likely if nothing changed. */
  readonly errorChance: number;
  /** Drift of the error ratio between quiet windows as a share of itself, and how many of it a rise must pass. */
  readonly errorDriftShare: number;
  readonly errorDriftZ: number;
  /** Share of the samples after that must stand above the ratio before: one bad minute is an incident, not a release. */
  readonly errorBreadth: number;
  /** Leak: share of the steps that go up. */
  readonly leakUpwardShare: number;
  /** Rollback at once when errors rose by this much, */
  readonly graveErrorRise: number;
  /** or p95 latency grew this many times, */
  readonly graveLatencyFactor: number;
  /** or traffic fell to this share: a fifth and its noise. More may be the work of more instances. */
  readonly graveTrafficShare: number;
  /** A percentile of fewer requests than this in a sample is no reason for a rollback by itself. */
  readonly graveLatencyRequests: number;
  /** Silence: so few requests must be at most this likely. */
  readonly silenceChance: number;
  /** Deviation of the traffic level, as a share of itself, that an hour of day or a pause brings. */
  readonly hourDrift: number;
  /** Variance ÷ mean of requests a minute, before anything is known of the service. */
  readonly burst: number;
  /** Errors that grew this many times, with at least so many failures, matter also below the absolute limit. */
  readonly errorGrowth: number;
  readonly errorGrowthFailures: number;
  /** The rules that are heard; all where it is not said. The benchmark asks what each brings. */
  readonly rules?: readonly RuleName[];
}

export const DEFAULT_TUNING: Tuning = {
  baselineSamples: 15,
  minPostSamples: 3,
  priorSamples: 3,
  driftPriorSamples: 10,
  strictPriorSamples: 10,
  levelZ: 2.5,
  lateZ: 4,
  certainZ: 3,
  repeatedZ: 1.6,
  breadthQuantile: 0.35,
  visitedQuantile: 0.9,
  visitedClearance: 0.5,
  latency: { sampleSd: 0.12, driftSd: 0.05 },
  traffic: { sampleSd: 0.08, driftSd: 0.08 },
  cpu: { sampleSd: 0.02, driftSd: 0.01 },
  memory: { sampleSd: 0.01, driftSd: 0.02 },
  latencyFullRequests: 60,
  latencyMinRequests: 3,
  meanConsent: 0.7,
  trafficMinRps: 1,
  trafficBurst: 20,
  cpuDriftSlope: 0.3,
  cpuGrowthMax: 3,
  cpuShareOfLimit: 0.3,
  coresGrowth: 0.5,
  cpuIdleRps: 1,
  errorKinds: [
    // Nearly all: next to no errors; .1 % on average, most of them below.
    { weight: 0.85, shape: 0.3, requests: 300 },
    // Some fail habitually, by about a percent,
    { weight: 0.1, shape: 1, requests: 100 },
    // or by many: what twenty requests tell outweighs this belief.
    { weight: 0.05, shape: 0.5, requests: 5 },
  ],
  errorChance: 0.03,
  errorDriftShare: 0.1,
  errorDriftZ: 2.5,
  errorBreadth: 0.3,
  leakUpwardShare: 0.7,
  graveErrorRise: 0.01,
  graveLatencyFactor: 3,
  graveTrafficShare: 0.23,
  graveLatencyRequests: 60,
  silenceChance: 0.02,
  hourDrift: 0.4,
  burst: 1.5,
  errorGrowth: 3,
  errorGrowthFailures: 20,
};

export const DEFAULT_LIMITS: Limits = {
  errorRise: 0.004,
  latencyGrowth: 0.35,
  latencyRiseMs: 4,
  trafficDrop: 0.26,
  cpuRise: 0.05,
  memoryRise: 0.06,
};
