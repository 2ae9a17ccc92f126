import type { LimitsChange } from '../verdict/limits.ts';
import type { Limits } from '../verdict/types.ts';

/**
 * `continuous`: environments are read once a minute between deployments, so that a baseline is ready at the trigger.
 * `at_trigger`: they are read when a deployment is triggered, and only then.
 */
export type BaselineMode = 'continuous' | 'at_trigger';

export interface Project {
  readonly id: string;
  readonly name: string;
  /** Sorted by name. */
  readonly envs: readonly string[];
  readonly observationWindowMinutes: number;
  readonly finishDeadlineMinutes: number;
  readonly baseline: BaselineMode;
  readonly hmacEnabled: boolean;
  /** The least changes that matter here; one left out has the engine's default. */
  readonly limits: Partial<Limits>;
  readonly createdAt: Date;
}

/** What a PATCH may change; absent = as it was. */
export interface ProjectChange {
  readonly name?: string | undefined;
  readonly envs?: readonly string[] | undefined;
  readonly observationWindowMinutes?: number | undefined;
  readonly finishDeadlineMinutes?: number | undefined;
  readonly baseline?: BaselineMode | undefined;
  readonly limits?: LimitsChange | undefined;
}

export interface Endpoint {
  /** null = the project's default. */
  readonly env: string | null;
  readonly candidateUrl: string | null;
  readonly activeUrl: string | null;
  readonly lastTestedAt: Date | null;
  readonly lastTestError: string | null;
}
