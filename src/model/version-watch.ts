import type { Source } from './source.ts';

/** What has been seen of an environment's versions. Minutes are Unix time / 60, each named by its end. */
export interface VersionWatch {
  /** Of the source: what another one tells is not held against it. */
  readonly identity: string;
  /** The last minute that was looked at. */
  readonly minute: number;
  /** The last one in which versions took requests. */
  readonly knownMinute: number;
  /** Versions that serve, by name. */
  readonly serving: Readonly<Record<string, Serving>>;
  /** New ones that have not taken requests for long enough, by name. */
  readonly sighted: Readonly<Record<string, Sighted>>;
  /** A deployment of CI that named no version, and the version that was taken for its own. */
  readonly owned: { readonly deploymentId: string; readonly version: string } | null;
}

export interface Serving {
  /** Of the requests, in the last minute in which it took any. */
  readonly share: number;
  /** Minutes since, and the requests that should have been its own by that share. */
  readonly absentMinutes: number;
  readonly missedRequests: number;
}

export interface Sighted {
  readonly sinceMinute: number;
  readonly minutes: number;
}

/** A new version that has taken requests for long enough. */
export interface NewVersion {
  readonly version: string;
  /** The first minute in which it took some. */
  readonly sinceMinute: number;
}

/** An environment whose turn it is to be looked at. */
export interface DueWatch {
  readonly projectId: string;
  readonly env: string;
  readonly source: Source;
  /** The newest minute that can be read whole. */
  readonly minute: number;
  readonly watch: VersionWatch | null;
}

/** A deployment that CI began, as far as it says which version it brings. */
export interface AnnouncedDeployment {
  readonly id: string;
  readonly isRunning: boolean;
  readonly version: string | null;
  readonly commitSha: string | null;
}
