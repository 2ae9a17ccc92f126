import type { Logger } from 'pino';
import type { CollectStatements } from '../batching/collect-statements.ts';
import type { DeploymentStarts } from '../batching/deployment-starts.ts';
import type { SecretBox } from '../data-folder/secret-box.ts';
import type { Database } from '../db/database.ts';
import type { Instruments } from '../model/telemetry.ts';
import type { TargetClient } from '../sources/source.ts';
import type { JobQueue } from './job-queue.ts';

/** Everything the story is handed. Nothing in this room reads a clock, an environment or a global. */
export interface LifecycleDeps {
  readonly db: Database;
  readonly jobs: JobQueue;
  readonly starts: DeploymentStarts;
  readonly collects: CollectStatements;
  readonly target: TargetClient;
  readonly telemetry: Instruments;
  readonly secretBox: SecretBox;
  readonly log: Logger;
  readonly settings: LifecycleSettings;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly newId: () => string;
  /** W3C traceparent of what runs now, or null without a trace. */
  readonly traceParent: () => string | null;
  /** What runs now belongs to this deployment; `triggeredIn`: the traceparent of its trigger, where that is known. */
  readonly joinDeployment: (deploymentId: string, triggeredIn: string | null) => void;
}

export interface LifecycleSettings {
  readonly preSamples: number;
  /** How long readings between deployments are kept. */
  readonly baselineHours: number;
  readonly preIntervalSeconds: number;
  readonly postIntervalSeconds: number;
  /** The delay before each retry of a collect; when they are used up the collect has failed for good. */
  readonly retryDelaysSeconds: readonly number[];
}
