import { type FindingMetric, type Judgement, VERDICTS, type VerdictName } from '../verdict/types.ts';
import type { DeploymentIdentity } from './deployment.ts';
import type { JobType } from './job.ts';
import type { ChannelKind, SendingOutcome } from './notification.ts';
import type { Phase } from './sample.ts';

/** The instrumentation scope of what SeqPulse says about itself: its meter, its tracer and its log records. */
export const SCOPE_NAME = 'seqpulse';

/** The version of the semantic conventions whose names are used: that of the installed package of them. */
export const SCHEMA_URL = 'https://opentelemetry.io/schemas/1.45.0';

export type AnalysisOutcome = (typeof ANALYSIS_OUTCOMES)[number];

/**
 * What the service says about itself, in its own words. No verb ever throws: telemetry must not break what it watches.
 * Durations are in seconds; one that is not a number is not recorded, a negative one (two clocks disagree) counts as 0.
 */
export interface Instruments {
  /** A request was answered. `route` is the template with braces (`/deployments/{id}`), undefined when none matched. */
  httpRequestHandled(request: {
    readonly method: string;
    readonly route: string | undefined;
    readonly statusCode: number;
    readonly durationSeconds: number;
  }): void;
  /** A job began; `startDelaySeconds` = start − due time. */
  jobStarted(job: { readonly jobType: JobType; readonly startDelaySeconds: number }): void;
  /** A job gave up for good and the database has recorded it: once for each job, after that commit. */
  jobGaveUp(): void;
  /** A sample was stored. */
  sampleCollected(phase: Phase): void;
  /** So many samples between deployments were stored. */
  baselineSamplesStored(count: number): void;
  /** An analysis ended; `atUnixSeconds` is the time of that. */
  analysisFinished(analysis: {
    readonly outcome: AnalysisOutcome;
    readonly durationSeconds: number;
    readonly atUnixSeconds: number;
  }): void;
  /** A verdict was stored; `failedMetrics` are those behind it. */
  verdictReached(verdict: {
    readonly verdict: VerdictName;
    readonly failedMetrics: readonly { readonly metric: FindingMetric; readonly critical: boolean }[];
  }): void;
  /** A second look at an `ok` was stored. */
  lateCheckMade(check: { readonly hours: number; readonly verdict: LateCheckOutcome }): void;
  /** Somebody marked a verdict as correct or not, and that was new. */
  feedbackGiven(feedback: { readonly verdict: VerdictName; readonly correct: boolean }): void;
  /** One attempt to send a message ended; `given_up`: there will be no other. */
  notificationAttempted(attempt: { readonly channel: ChannelKind; readonly outcome: SendingOutcome }): void;
  /** One read of an observed application ended. */
  targetRead(read: { readonly outcome: TargetOutcome; readonly durationSeconds: number }): void;
}

/** A verdict that was stored, and whose it is: what the event and the span of it say. */
export interface ToldVerdict {
  readonly deploymentId: string;
  readonly env: string;
  readonly identity: DeploymentIdentity;
  readonly judgement: Pick<Judgement, 'verdict' | 'confidence' | 'summary' | 'details'>;
  /** W3C traceparent of the deployment's trigger. */
  readonly triggeredIn: string | null;
  /** When it was given, epoch milliseconds. */
  readonly atMs: number;
}

/** How an analysis ended: the stored verdict, or why there is none. */
export const ANALYSIS_OUTCOMES = [...VERDICTS, 'not_found', 'error'] as const;

/** What a second look at an `ok` may say. */
export const LATE_CHECK_OUTCOMES = ['ok', 'attention', 'insufficient_data'] as const;
export type LateCheckOutcome = (typeof LATE_CHECK_OUTCOMES)[number];

/** What one read of an observed application came to: the label values of seqpulse_target_request_duration_seconds. */
export const TARGET_OUTCOMES = ['ok', 'timeout', 'unreachable', 'bad_status', 'bad_body', 'forbidden_address'] as const;

export type TargetOutcome = (typeof TARGET_OUTCOMES)[number];
