import { hash } from 'node:crypto';

/** What waits in the queues, over all replicas. */
export interface SchedulerDepth {
  /** pre_collect, post_collect and analysis jobs waiting, due or not yet due. */
  readonly pending: number;
  /** Of those, due for more than 30 s. */
  readonly overdue: number;
}

export interface SchedulerState extends SchedulerDepth {
  readonly running: number;
  /** Jobs that gave up for good in the last hour. */
  readonly failedLastHour: number;
}

export const JOB_TYPES = ['pre_collect', 'post_collect', 'analysis'] as const;

export type JobType = (typeof JOB_TYPES)[number];

export type CollectType = Exclude<JobType, 'analysis'>;

/** W3C trace context as headers. */
export type TraceCarrier = Readonly<Record<string, string>>;

export interface JobData {
  readonly deploymentId: string;
  /** 0-based place in the phase's schedule; 0 for an analysis. */
  readonly sequence: number;
  /** Epoch ms at which it was first due; a retry keeps it. */
  readonly dueAtMs: number;
  /** Tries used up. Not pg-boss' retryCount: a dead worker and a shutdown raise that too. */
  readonly attempt: number;
  /** Of whoever enqueued it, unless it says otherwise; the adapter writes and reads it. */
  readonly trace?: TraceCarrier;
  /** W3C traceparent of the deployment's trigger, on jobs that finish enqueues: a finish may come in another trace. */
  readonly triggeredIn?: string | null;
}

export interface NewJob {
  readonly id: string;
  readonly projectId: string;
  readonly data: JobData;
}

/** One attempt at a job, as a worker holds it: what it settles is only ever this attempt. */
export interface Claim {
  readonly type: JobType;
  readonly id: string;
  /** pg-boss' fence: a job that was taken over meanwhile has a higher one. */
  readonly retryCount: number;
  readonly data: JobData;
}

/**
 * How a job's function ended. `done`: the queue may end the job. `settled`: the function did so itself, or put it
 * back. `deadletter`: it gave up for good, for this reason.
 */
export type JobOutcome =
  | { readonly status: 'done' | 'settled' }
  | { readonly status: 'deadletter'; readonly failure: GiveUpCause };

export interface GiveUpCause {
  /** `missed`: nobody came to read in time, so that the moment is gone. */
  readonly kind: 'target' | 'hmac_refused' | 'worker' | 'missed';
  /** One clause; safe to show. */
  readonly reason: string;
}

/**
 * A collect's job id follows from what it is, so that cancelling needs no search and enqueueing twice makes one.
 * A name-based UUID in the manner of RFC 9562 §5.8 (version 8, SHA-256).
 */
export function collectJobId(deploymentId: string, type: CollectType, sequence: number): string {
  const hex = hash('sha256', `${deploymentId}/${type}/${sequence}`);
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** There is one analysis a deployment: its id is the deployment's. */
export function analysisJobId(deploymentId: string): string {
  return deploymentId;
}

export function collectJobIds(deploymentId: string, type: CollectType, count: number): string[] {
  return Array.from({ length: count }, (_, sequence) => collectJobId(deploymentId, type, sequence));
}

/** `count` collects, `intervalSeconds` apart, the first due at `startMs`. */
export function collectJobs(input: {
  readonly deploymentId: string;
  readonly projectId: string;
  readonly type: CollectType;
  readonly count: number;
  readonly startMs: number;
  readonly intervalSeconds: number;
  readonly triggeredIn?: string | null;
  readonly trace?: TraceCarrier;
}): NewJob[] {
  return Array.from({ length: input.count }, (_, sequence) => ({
    id: collectJobId(input.deploymentId, input.type, sequence),
    projectId: input.projectId,
    data: {
      deploymentId: input.deploymentId,
      sequence,
      dueAtMs: input.startMs + Math.round(sequence * input.intervalSeconds * 1000),
      attempt: 0,
      ...(input.triggeredIn === undefined ? {} : { triggeredIn: input.triggeredIn }),
      ...(input.trace === undefined ? {} : { trace: input.trace }),
    },
  }));
}
