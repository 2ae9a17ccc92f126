import type { SampleNumbers, VerdictName } from '../verdict/types.ts';
import type { DeploymentState } from './deployment.ts';
import type { Source } from './source.ts';

export interface LastReading {
  readonly at: Date;
  readonly numbers: SampleNumbers;
  /** How long it took, milliseconds; null: not known. */
  readonly readMs: number | null;
}

/** How reading an environment has been going. */
export interface EnvironmentReads {
  readonly env: string;
  /** Of the active source; null: none is. */
  readonly sourceKind: Source['kind'] | null;
  /** When anything of it was last read, a source's test among them; null: never yet. */
  readonly lastReadAt: Date | null;
  /** The newest reading that is kept. */
  readonly reading: LastReading | null;
  /** Of the newest try that failed, whether or not a later one came through. */
  readonly lastError: { readonly error: string; readonly at: Date } | null;
}

/** An environment on the page of all projects. */
export interface EnvironmentOverview {
  readonly projectId: string;
  readonly project: string;
  readonly env: string;
  /** Its newest deployments, newest first. */
  readonly recent: readonly {
    readonly id: string;
    readonly state: DeploymentState;
    readonly verdict: VerdictName | null;
  }[];
}
