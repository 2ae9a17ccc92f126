/**
 * The vocabulary of a judgement. This room is pure: samples in, verdict with reasons out;
 * no clock, environment, SQL, HTTP or OpenTelemetry.
 */
import type { BadDirection, CustomKind, CustomMetric, CustomSubject, CustomValues } from './custom/custom-metric.ts';
import type { LeftOut } from './left-out.ts';
import type { MissingReason } from './missing-reasons.ts';
import type { RuleName } from './rules/index.ts';

export type { LeftOut, LeftOutReason } from './left-out.ts';
export { MISSING_REASONS, type MissingReason } from './missing-reasons.ts';
export type { RuleName } from './rules/index.ts';

/** The five numbers, in the order of findings (docs/contract.md, What an observed application serves). */
export const METRICS = ['error_rate', 'latency_p95', 'requests_per_sec', 'cpu_usage', 'memory_usage'] as const;
export type MetricName = (typeof METRICS)[number];

/** What findings are of: one of the five, or one of somebody's own, which closed sets only know as this. */
export const CUSTOM = 'custom';
export type FindingMetric = MetricName | typeof CUSTOM;

/** What is judged. */
export type Judged = MetricName | CustomSubject;

export const VERDICTS = ['ok', 'attention', 'rollback_recommended', 'insufficient_data'] as const;
export type VerdictName = (typeof VERDICTS)[number];

/** `critical`: failed, and by itself a reason to roll back; `attention`: failed; `none`: did not, or could not be judged. */
export type Severity = 'none' | 'attention' | 'critical';

/** The five numbers of one reading in the product's units: requests/s, milliseconds, and ratios 0..1. null: not known. */
export type SampleNumbers = Readonly<Record<MetricName, number | null>>;

/** What a metric may be judged by in place of its own number. */
export const STAND_INS = ['latency_mean', 'cpu_cores'] as const;
export type StandIn = (typeof STAND_INS)[number];
/** What a number measures: which unit it has and how it is called. */
export type Quantity = MetricName | StandIn;
/** The same of whatever is judged. */
export type Measure = Quantity | CustomSubject;

/** One reading of the observed application. A number may be missing; the others are judged all the same. */
export interface Sample extends SampleNumbers {
  /** Epoch milliseconds. */
  readonly collectedAtMs: number;
  /** How long after its due time it was read (retries, a dead worker); 0 when on time. */
  readonly lateSeconds: number;
  /** Why each null is one; `not_measured` where nothing is said. */
  readonly missing?: Readonly<Partial<Record<MetricName, MissingReason>>>;
  /** The time that the numbers speak of, seconds; 60 where a source does not say. */
  readonly windowSeconds?: number;
  /** Requests in that time, where a source counts them; else requests/s × window. */
  readonly requests?: number;
  /** Mean latency, milliseconds. */
  readonly latencyMean?: number;
  /** Edges of the histogram bucket that the p95 fell into, milliseconds: inside it the p95 is a guess. */
  readonly latencyBucket?: { readonly low: number; readonly high: number };
  /** CPU in cores, where there is no limit to divide by. */
  readonly cpuCores?: number;
  /** Metrics of somebody's own, by name. */
  readonly custom?: CustomValues;
  /** The same minute of what was not deployed to. */
  readonly control?: ControlSample;
}

/** What a source may know of a sample beyond its five numbers, for its own and for its control's. */
export type MeasuredFacts = Pick<Sample, 'windowSeconds' | 'requests' | 'latencyMean' | 'latencyBucket' | 'cpuCores'>;

/** A minute of a control: of something else that serves the same, or of the versions of before while they still serve. */
export interface ControlSample extends MeasuredFacts {
  readonly numbers: SampleNumbers;
  /** Whose numbers these are, where the source tells versions apart: then they are those that served before. */
  readonly versions?: readonly string[];
}

export interface JudgeInput {
  /** Before the deployment, oldest first. */
  readonly pre: readonly Sample[];
  /** After the deployment, oldest first. */
  readonly post: readonly Sample[];
  /** How many samples were asked for; fewer that came lower the confidence and are said. */
  readonly expectedPre: number;
  readonly expectedPost: number;
  /**
   * Time between two samples after, as the deployment was set to, milliseconds. Readings closer together than half of it
   * are one moment. Left out: only readings of the very same time are.
   */
  readonly intervalMs?: number;
  /** What CI said the deployment changed about the traffic of what is read. */
  readonly facts?: DeploymentFacts;
  /** How loud this service is by itself; null or left out: not known, and the prior stands for it. */
  readonly noise?: ServiceNoise | null;
  /** Share of this project's deployments that are bad, 0..1, by its feedback; left out: one in ten. */
  readonly badShare?: number;
  /** Why collecting ended early, as one clause for the summary; null when it ran to its end. */
  readonly collectionEnded: string | null;
  /** The pipeline itself reported failure: said in the summary, no evidence about metrics. */
  readonly pipelineFailed?: boolean;
  /** Which baseline this is, as one clause for the summary, where that is not the usual one. */
  readonly baselineNote?: string | null;
  /** The project's least changes that matter; what is left out keeps the engine's default (DEFAULT_LIMITS). */
  readonly limits?: Partial<Limits>;
  /** Metrics of somebody's own, as they were defined when the deployment began. */
  readonly custom?: readonly CustomMetric[];
}

/** What CI knows and samples can't tell: a fall of traffic may be a loss, or the work of more instances. */
export interface DeploymentFacts {
  /** Instances that share the traffic. */
  readonly instances?: { readonly before: number; readonly after: number };
  /** Share of the traffic before that what is read is to get after, 0..1. */
  readonly trafficShare?: number;
}

/** The least change that matters, per metric. A smaller one is never reported, however certain it is. */
export interface Limits {
  /** Rise of the share of failed requests: 0.004 is .4 points. */
  readonly errorRise: number;
  /** Growth of p95 latency as a share of the level before: 0.35 is +35 %. */
  readonly latencyGrowth: number;
  /** And at the same time this many milliseconds. */
  readonly latencyRiseMs: number;
  /** Traffic lost, as a share of the level before: 0.26 is 26 %. */
  readonly trafficDrop: number;
  /** Rise of CPU usage, 0..1, beyond what more traffic explains. */
  readonly cpuRise: number;
  /** Rise of memory usage, 0..1. */
  readonly memoryRise: number;
}

/** What a finding rests on. Changes are positive where the metric got worse, in the finding's unit. */
export interface Evidence {
  /** The rule that explains the finding; null when none could be applied. */
  readonly rule: RuleName | null;
  /** How far the metric moved for the worse, as the rule saw it; null when nothing could be compared. */
  readonly change: number | null;
  /** The level that was expected after, where that is not the baseline: more traffic, a ramp, a planned share. */
  readonly expected?: number;
  /** Surely worse, but by less than matters. */
  readonly isSmall?: true;
  /** What the service's own noise is louder than the limit by; absent where it is not. Strength is divided by it. */
  readonly ownNoise?: number;
  /** What baseline, observed and all levels here are of, where that is not the metric's own number; absent where it is. */
  readonly judgedBy?: StandIn;
  /**
   * Of latency from a histogram: edges of the widest bucket that its p95 fell into, milliseconds; inside it p95 is a guess. null: no
   * upper edge. Blind: wider than what matters, so that p95 could not tell whether it got worse by that.
   */
  readonly resolution?: { readonly low: number; readonly high: number | null; readonly isBlind: boolean };
  /** Median p95 of both sides as it was read, where the mean was judged. */
  readonly readP95?: { readonly before: number; readonly after: number };
  /** A blind p95 failed, and the mean went far enough with it. */
  readonly meanRose?: true;
  /** Levels of a control before and in the same minutes. What it did is what `expected` stands for, where there is one. */
  readonly control?: { readonly before: number; readonly after: number };
  /** What else explains the finding, as one clause; absent when nothing does. */
  readonly alternative?: string;
  /** 95 % interval of that change, drift between windows included; inside what is possible. */
  readonly interval: { readonly low: number; readonly high: number } | null;
  /** What the change was held against: the larger of what matters and what chance and drift do. */
  readonly limit: number | null;
  /** Level beyond which a sample counts as worse: the expected level and the limit; null as above. */
  readonly threshold: number | null;
  /** How many of the samples after lie beyond it. */
  readonly samplesBeyond: number | null;
  /** Of the loudest rule: change ÷ limit, or its weakest other condition where that is smaller. Failed at ≥ 1. */
  readonly strength: number | null;
  /** Samples used for this metric, */
  readonly samplesBefore: number;
  readonly samplesAfter: number;
  /** and those of both sides that say nothing about it because they hold no request: latency and errors. */
  readonly samplesWithoutRequests: number;
  /** Samples of both sides that lack this number for another reason; absent when none does. */
  readonly samplesMissing?: Readonly<Partial<Record<Exclude<MissingReason, 'no_requests'>, number>>>;
  /** Why the metric could not be judged, as one clause; null when it was. */
  readonly notJudged: string | null;
}

/** Which metric of somebody's own a finding is of. */
export interface CustomIdentity {
  readonly name: string;
  readonly kind: CustomKind;
  /** Of one that is bad both ways, the way it was judged. */
  readonly worse: Exclude<BadDirection, 'both'>;
}

export interface Finding {
  readonly metric: FindingMetric;
  /** Where `metric` is `custom`. */
  readonly custom?: CustomIdentity;
  /** Median before and after, in the metric's unit; null when there was no sample. */
  readonly baseline: number | null;
  readonly observed: number | null;
  /** `ms`, `req/s`, `ratio` or `cores`; of a metric of somebody's own its unit. */
  readonly unit: string;
  readonly severity: Severity;
  /** One sentence with the numbers. */
  readonly reason: string;
  readonly evidence: Evidence;
}

/** How loud a service is by itself, from its history (service-noise.ts). */
export interface ServiceNoise {
  /** Quiet pairs of windows that were looked at. */
  readonly pairs: number;
  /** What a metric's strength is divided by, where that is more than 1. */
  readonly scale: Readonly<Partial<Record<MetricName, number>>>;
}

/** A confidence in perspective. */
export interface Trust {
  /** 95 % interval of the share right among verdicts of about this confidence; null where hardly any were seen. */
  readonly interval: { readonly low: number; readonly high: number } | null;
  /** Share of deployments that are bad: this project's by its feedback, else one in ten. */
  readonly badShare: number;
  /** Of verdicts like this one, the share right where so many deployments are bad. */
  readonly rightShare: number;
  /** What of the service's own noise was known; null: nothing. */
  readonly noise: ServiceNoise | null;
  /** That in words: "of ten alarms like this about seven are right". */
  readonly text: string;
}

/** What a hint tells; see hints.ts. */
export const HINT_KINDS = [
  'moved_first',
  'moved_later',
  'moved_with',
  'did_not_move',
  'reads',
  'left_out',
  'trace',
] as const;
export type HintKind = (typeof HINT_KINDS)[number];

/** One fact to look at first. */
export interface Hint {
  readonly kind: HintKind;
  /** One sentence. */
  readonly text: string;
  /** Which metrics it speaks of; none of reads and traces. */
  readonly metrics: readonly FindingMetric[];
  /** Since when, epoch milliseconds; null where that is not what it tells. */
  readonly sinceMs: number | null;
  /** Of `trace` alone. */
  readonly traceId: string | null;
}

export interface Judgement {
  readonly verdict: VerdictName;
  /** How far the verdict can be trusted, 0..1; 0 for `insufficient_data`, which says nothing of the deployment. */
  readonly confidence: number;
  /** What that confidence is worth; null for `insufficient_data`, and for verdicts stored before there was any. */
  readonly trust: Trust | null;
  /** One sentence. */
  readonly summary: string;
  readonly details: readonly Finding[];
  /** Samples that were not used, with the reason. */
  readonly leftOut: readonly LeftOut[];
}
