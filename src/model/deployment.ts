import type { CustomMetric } from '../verdict/custom/custom-metric.ts';
import type { EarlyVerdict } from '../verdict/early.ts';
import type { LateVerdict } from '../verdict/late-verdict.ts';
import type { BesideOthers } from '../verdict/others/beside-others.ts';
import type {
  DeploymentFacts,
  Finding,
  Hint,
  LeftOut,
  Limits,
  MetricName,
  Trust,
  VerdictName,
} from '../verdict/types.ts';
import type { BaselineSource } from './level.ts';
import type { Phase } from './sample.ts';
import type { Source } from './source.ts';

/**
 * running ── finish ──▶ finished ── analysis ──▶ analyzed
 *    └── finish deadline passed, or a newer run took its place ──▶ abandoned
 */
export type DeploymentState = 'running' | 'finished' | 'analyzed' | 'abandoned';

export type PipelineResult = 'success' | 'failed';

/** The words of pipelines for how a deployment ended. All but `success` come to the result `failed`. */
export const PIPELINE_OUTCOMES = ['success', 'failed', 'failure', 'cancelled', 'canceled', 'skipped'] as const;

export type PipelineOutcome = (typeof PIPELINE_OUTCOMES)[number];

export function resultOf(outcome: PipelineOutcome): PipelineResult {
  return outcome === 'success' ? 'success' : 'failed';
}

/** Who began a deployment: CI's trigger, or its version, which took requests unannounced. */
export type StartedBy = 'ci' | 'detected';

/** What CI says of a deployment, for people to read. */
export interface Origin {
  readonly branch: string | null;
  readonly version: string | null;
  readonly commitSha: string | null;
  readonly commitTime: Date | null;
  readonly buildUrl: string | null;
  readonly actor: string | null;
  readonly service: string | null;
}

/** Why collecting ended before its time. */
export type CollectionEnd = 'superseded' | 'hmac_refused';

/** What a row that belongs to a deployment is stored under. */
export interface DeploymentKey {
  readonly id: string;
  readonly projectId: string;
}

export interface EndedDeployment {
  readonly id: string;
  readonly preExpected: number;
  readonly postExpected: number;
}

export interface AnalysisContext {
  readonly projectId: string;
  readonly env: string;
  readonly state: DeploymentState;
  readonly pipelineResult: PipelineResult | null;
  readonly preExpected: number;
  readonly postExpected: number;
  readonly postSettled: number;
  readonly finishedAt: Date | null;
  readonly windowEndsAt: Date | null;
  readonly collectionEnded: CollectionEnd | null;
  /** The project's least changes that matter, as they are now. */
  readonly limits: Partial<Limits>;
  /** Metrics of the team's own, as its source defined them at the trigger. */
  readonly custom: readonly CustomMetric[];
  readonly startedAt: Date;
  readonly baselineSource: BaselineSource;
  readonly baselineNote: string | null;
  /** What finish said of the traffic of what is read. */
  readonly facts: DeploymentFacts;
  /** W3C traceparent of its trigger. */
  readonly traceParent: string | null;
  readonly failedReads: FailedReads | null;
  /** What a verdict is told with; nothing is judged by it. */
  readonly identity: DeploymentIdentity;
}

/** Which deployment it is, in the words of people and of CI. */
export interface DeploymentIdentity {
  readonly project: string;
  readonly number: number;
  readonly origin: Pick<Origin, 'branch' | 'version' | 'commitSha' | 'buildUrl' | 'service'>;
  readonly pipelineOutcome: PipelineOutcome | null;
}

/** One try to read that failed. */
export interface FailedTry {
  readonly phase: Phase;
  /** One clause; safe to show. */
  readonly error: string;
  readonly at: Date;
}

/** Tries to read for a deployment that failed, whether or not a later one came through. */
export interface FailedReads {
  readonly tries: number;
  readonly last: FailedTry;
}

export interface FinishContext {
  readonly startedBy: StartedBy;
  readonly state: DeploymentState;
  readonly env: string;
  readonly metricsEndpoint: string;
  readonly finishDeadlineAt: Date;
  readonly observationWindowMinutes: number;
  readonly preExpected: number;
  readonly collectionEnded: CollectionEnd | null;
  readonly traceParent: string | null;
  readonly supersededBy: string | null;
}

/** What one collect must know: where to read, and whether reading still makes sense. */
export interface CollectContext {
  readonly state: DeploymentState;
  /** The one that was active at the trigger. */
  readonly source: Source;
  readonly startedAt: Date;
  /** As CI said. */
  readonly version: string | null;
  /** Readings from before that were asked for at the trigger. */
  readonly preExpected: number;
  readonly collectionEnded: CollectionEnd | null;
}

export interface CollectProgress {
  readonly allSettled: boolean;
  readonly windowEndsAt: Date;
}

/** Readings of a phase: those that there should be, and those that are stored. */
export interface SampleCount {
  readonly expected: number;
  readonly collected: number;
}

/** Readings that lie together in time; null where there are none. */
export interface ReadingSpan {
  readonly from: Date;
  readonly until: Date;
  readonly count: number;
}

/** What a deployment's baseline is made of. */
export interface BaselineView {
  readonly source: BaselineSource;
  /** One clause for people where it is not the usual one. */
  readonly note: string | null;
  /** Kept ready before the trigger, */
  readonly kept: ReadingSpan | null;
  /** and read after it. */
  readonly read: ReadingSpan | null;
  readonly goodSince: { readonly id: string; readonly number: number } | null;
}

/** A deployment as the API shows it. */
export interface DeploymentView {
  readonly id: string;
  readonly projectId: string;
  readonly number: number;
  readonly project: string;
  readonly env: string;
  readonly idempotencyKey: string | null;
  readonly origin: Origin;
  readonly startedBy: StartedBy;
  readonly state: DeploymentState;
  readonly pipelineResult: PipelineResult | null;
  readonly pipelineOutcome: PipelineOutcome | null;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly analyzedAt: Date | null;
  readonly supersededBy: string | null;
  /** null until finish has come. */
  readonly windowEndsAt: Date | null;
  readonly samples: { readonly before: SampleCount; readonly after: SampleCount };
  readonly failedReads: FailedReads | null;
  readonly baseline: BaselineView;
  /** The project's least changes that matter, as they are now. */
  readonly limits: Partial<Limits>;
  readonly facts: DeploymentFacts;
  readonly verdict: VerdictRow | null;
  /** One that was given before the window was over. */
  readonly preliminary: PreliminaryRow | null;
  /** Second looks at an `ok`, the first one first. */
  readonly lateChecks: readonly LateCheckRow[];
  readonly feedback: Feedback | null;
}

export interface DeploymentFilter {
  /** Only those in which this metric failed. */
  readonly failedMetric?: MetricName | null;
  /** null = all projects (operators only). */
  readonly projectId: string | null;
  readonly env: string | null;
  readonly verdict: VerdictName | null;
  readonly limit: number;
  /** The last item of the page before. */
  readonly after: { readonly at: Date; readonly id: string } | null;
}

/** What people say of a verdict. */
export interface Feedback {
  readonly correct: boolean;
  readonly note: string | null;
  readonly givenAt: Date;
}

/** A rollback recommended early, and what the verdict made of it: null until then, and where it says nothing. */
export interface PreliminaryRow extends EarlyVerdict {
  /** Counted from finish. */
  readonly minute: number;
  readonly at: Date;
  readonly outcome: 'confirmed' | 'withdrawn' | null;
}

export interface LateCheckRow extends LateVerdict {
  /** After the verdict. */
  readonly hours: number;
  readonly at: Date;
}

export interface VerdictRow {
  verdict: VerdictName;
  confidence: number;
  summary: string;
  details: Finding[];
  leftOut: LeftOut[];
  trust: Trust | null;
  hints: Hint[];
  /** null: it was not looked at beside the other projects of its environment. */
  others: BesideOthers | null;
}
