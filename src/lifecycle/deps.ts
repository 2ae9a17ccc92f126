import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import type { CollectContext } from '../model/deployment.ts';
import type { NewDeployment, TakeOver, TriggerContext, TriggerQuestion } from '../model/deployment-start.ts';
import type { NewJob } from '../model/job.ts';
import type { NewSample, StoredPost } from '../model/sample.ts';
import type { Instruments, ToldVerdict } from '../model/telemetry.ts';
import type { SourceReader } from '../sources/source.ts';
import type { Sample } from '../verdict/types.ts';
import type { JobQueue } from './job-queue.ts';

/** Everything the story is handed. Nothing in this room reads a clock, an environment or a global. */
export interface LifecycleDeps {
  readonly db: Database;
  readonly jobs: JobQueue;
  /** Many that ask at once are one statement. */
  readonly findTriggerContext: (question: TriggerQuestion) => Promise<TriggerContext>;
  readonly starts: DeploymentStarts;
  readonly collects: CollectStatements;
  readonly sources: SourceReader;
  readonly telemetry: Instruments;
  readonly log: Logger;
  readonly settings: LifecycleSettings;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly newId: () => string;
  /** W3C traceparent of what runs now, or null without a trace. */
  readonly traceParent: () => string | null;
  /** What runs now belongs to this deployment; `triggeredIn`: the traceparent of its trigger, where that is known. */
  readonly joinDeployment: (deploymentId: string, triggeredIn: string | null) => void;
  /** Says a verdict as telemetry, once it is stored. Never throws. */
  readonly tellVerdict: (told: ToldVerdict) => void;
}

export interface LifecycleSettings {
  readonly preSamples: number;
  /** How long readings between deployments are kept. */
  readonly baselineHours: number;
  /** Whether a rollback may be recommended before a window is over. */
  readonly earlyRollback: boolean;
  /** Whether an `ok` is looked at again an hour and a day later. */
  readonly lateChecks: boolean;
  /** Whether an alarm is looked at beside the other projects of its environment. */
  readonly otherProjects: boolean;
  /** Whether versions that nobody announced become deployments. */
  readonly detectDeployments: boolean;
  readonly preIntervalSeconds: number;
  readonly postIntervalSeconds: number;
  /** The delay before each retry of a collect; when they are used up the collect has failed for good. */
  readonly retryDelaysSeconds: readonly number[];
}

/** A deployment that is to begin, with all that is stored with it. */
export interface DeploymentStart {
  readonly deployment: NewDeployment;
  /** Samples from before that it is judged by, oldest first; none where they are read after the trigger. */
  readonly baseline: readonly Sample[];
  readonly preCollects: readonly NewJob[];
  /** null: nothing was in its way. */
  readonly takesOver: TakeOver | null;
}

export interface DeploymentStarts {
  /**
   * Stores the deployment, its baseline and its pre collects, all or nothing, and resolves with its number once that is
   * on disk. null when one with its idempotency key, or a running one in its environment, was there first.
   */
  store(start: DeploymentStart): Promise<number | null>;
}

/** The statements of collects, made for all that run at the same time: due jobs come in batches. */
export interface CollectStatements {
  /** null: the deployment is gone. */
  readonly findContext: (deploymentId: string) => Promise<CollectContext | null>;
  /** "dropped": nothing waits for the sample any more, or it is stored already. */
  readonly storePre: (sample: NewSample) => Promise<'stored' | 'dropped'>;
  /** Counted as settled with it, once. */
  readonly storePost: (sample: NewSample) => Promise<StoredPost>;
}
