import type { DeploymentState, EndedDeployment, Origin } from './deployment.ts';
import type { BaselineSource } from './level.ts';
import type { BaselineMode } from './project.ts';
import type { Source } from './source.ts';

/** Where a deployment would begin, and by what one that is there already would be the same. */
export interface TriggerQuestion {
  readonly projectId: string;
  readonly env: string;
  readonly idempotencyKey: string | null;
  /** Of which version, and since when, one that was found by itself would be the trigger's own; null: none would. */
  readonly found: { readonly version: string | null; readonly since: Date } | null;
}

/** All that POST /deployments/trigger must know before it creates anything. */
export interface TriggerContext {
  readonly envKnown: boolean;
  /** null: no source is active there. */
  readonly source: Source | null;
  readonly finishDeadlineMinutes: number;
  /** The deployment with the same idempotency key in this project and env. */
  readonly sameKey: FoundDeployment | null;
  readonly running: FoundDeployment | null;
  /** One that was found by the version that the trigger names, and that no pipeline has come for yet. */
  readonly detected: FoundDeployment | null;
  readonly baseline: BaselineMode;
  /** What is read between deployments at the active endpoint; null: nothing yet. */
  readonly baselineSeries: number | null;
  /** There was a deployment in this environment before. */
  readonly hasHistory: boolean;
}

/** A deployment that a trigger finds in its way. */
export interface FoundDeployment {
  readonly id: string;
  readonly number: number;
  readonly branch: string | null;
  readonly idempotencyKey: string | null;
  readonly state: DeploymentState;
  readonly startedAt: Date;
  readonly finishDeadlineAt: Date;
  /** Its own trigger said `supersede`. */
  readonly bySuperseding: boolean;
}

/** What a new deployment takes over, in the transaction that stores it. Each null: nothing of the kind. */
export interface TakeOver {
  /** The running one that is abandoned for it. */
  readonly abandonsId: string | null;
  /** The one whose idempotency key moves to it. */
  readonly keyFromId: string | null;
}

export interface NewDeployment {
  readonly id: string;
  readonly projectId: string;
  readonly env: string;
  readonly origin: Origin;
  readonly bySuperseding: boolean;
  readonly idempotencyKey: string | null;
  readonly metricsEndpoint: string;
  readonly startedAt: Date;
  readonly finishDeadlineAt: Date;
  readonly preExpected: number;
  readonly traceParent: string | null;
  readonly baselineSource: BaselineSource;
  readonly baselineNote: string | null;
  /** The deployment with which the state began that the baseline shows. */
  readonly baselineGoodSince: string | null;
}

/** A deployment that was found: `finished` at once. */
export interface NewDetected
  extends Pick<
    NewDeployment,
    | 'id'
    | 'projectId'
    | 'env'
    | 'metricsEndpoint'
    | 'startedAt'
    | 'baselineSource'
    | 'baselineNote'
    | 'baselineGoodSince'
  > {
  readonly version: string;
  readonly finishedAt: Date;
  readonly windowEndsAt: Date;
  readonly postExpected: number;
}

export interface StoredStarts {
  /** The projects whose row it holds: for the deployments of others nothing was done. */
  readonly held: ReadonlySet<string>;
  /** The number of each deployment that was stored, by id. */
  readonly numbers: ReadonlyMap<string, number>;
  /**
   * Between the look at what was there and the insert somebody else's deployment came (another replica's): one of these
   * was not stored, though it had a number. Roll back, or that number may be left out.
   */
  readonly overtaken: boolean;
  /** Whose observation they ended. */
  readonly superseded: readonly EndedDeployment[];
}
