/** The wire shapes of SeqPulse's own API (docs/contract.md), as a client meets them. Answers may gain fields. */

import type { LateCheckShape, PreliminaryShape, VerdictShape } from './verdict-types.ts';

export type { ProblemShape } from './problem-shape.ts';

export type DeploymentState = 'running' | 'finished' | 'analyzed' | 'abandoned';

export interface TriggerBody {
  readonly env: string;
  /** One CI run sends one key; sent again it finds the same deployment. */
  readonly idempotency_key?: string;
  readonly branch?: string;
  readonly metrics_endpoint?: string;
  readonly [more: string]: unknown;
}

export interface Triggered {
  readonly deployment_id: string;
  readonly status: 'created' | 'existing';
  readonly message: string | null;
}

export interface FinishBody {
  readonly deployment_id: string;
  readonly result: string;
  readonly [more: string]: unknown;
}

export interface Finished {
  readonly status: 'accepted' | 'ignored' | 'not_found';
  readonly message: string;
}

/** Of one phase. */
export interface SampleCountShape {
  readonly expected: number;
  readonly collected: number;
}

export interface DeploymentShape {
  readonly id: string;
  readonly number: number;
  readonly project: string;
  readonly env: string;
  /** Of its trigger. */
  readonly idempotency_key: string | null;
  readonly branch: string | null;
  readonly version: string | null;
  readonly commit_sha: string | null;
  readonly commit_time: string | null;
  readonly build_url: string | null;
  readonly actor: string | null;
  readonly service: string | null;
  /** `detected`: nobody announced it, its version was found in the traffic. */
  readonly origin: 'ci' | 'detected';
  readonly state: DeploymentState;
  readonly pipeline_result: 'success' | 'failed' | null;
  /** The word that finish was sent. */
  readonly pipeline_outcome: string | null;
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly analyzed_at: string | null;
  readonly superseded_by: string | null;
  /** While it is observed. */
  readonly verdict_due_at: string | null;
  readonly samples: { readonly before: SampleCountShape; readonly after: SampleCountShape };
  /** The readings that it is compared with. */
  readonly baseline: {
    readonly source: 'at_trigger' | 'continuous' | 'last_good';
    readonly from: string | null;
    readonly until: string | null;
    readonly samples: number;
    /** The deployment with which the state began that they show. */
    readonly good_since: { readonly id: string; readonly number: number } | null;
    readonly note: string | null;
  };
  /** Until its verdict is there: the limits that will hold. */
  readonly limits: Readonly<Record<string, number>> | null;
  /** Tries to read that failed, whether or not a later one came through. */
  readonly failed_reads: {
    readonly tries: number;
    readonly last: { readonly phase: string; readonly error: string; readonly at: string } | null;
  };
  readonly verdict: VerdictShape | null;
  /** Absent from a service that gives none. */
  readonly preliminary?: PreliminaryShape | null;
  /** The first one first. Absent from a service that makes none. */
  readonly late_checks?: readonly LateCheckShape[];
  readonly feedback: { readonly correct: boolean; readonly note: string | null; readonly given_at: string } | null;
  /** Its report, where the service knows its own address. */
  readonly html_url?: string | null;
}

/** One reading; a number that is null was not known, and `missing` says why. */
export interface SampleShape {
  readonly phase: 'pre' | 'post';
  readonly collected_at: string;
  readonly requests_per_sec: number | null;
  /** Milliseconds. */
  readonly latency_p95: number | null;
  /** Shares, 0..1, as are the next two. */
  readonly error_rate: number | null;
  readonly cpu_usage: number | null;
  readonly memory_usage: number | null;
  readonly latency_mean?: number;
  readonly cpu_cores?: number;
  readonly missing?: Readonly<Record<string, string>>;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

export interface NewProjectBody {
  readonly name: string;
  readonly envs?: readonly string[];
  readonly metrics_endpoint?: string;
  readonly observation_window_minutes?: 5 | 15 | 30;
  readonly finish_deadline_minutes?: number;
  readonly [more: string]: unknown;
}

/** One environment of the key's project. */
export interface OwnEnvironmentShape {
  readonly env: string;
  readonly source_active: boolean;
  /** `pull`, `prometheus`; null: no source is active. */
  readonly source_type: string | null;
  readonly last_read_at: string | null;
  readonly last_reading: Omit<SampleShape, 'phase' | 'missing'> | null;
  readonly last_error: { readonly error: string; readonly at: string } | null;
}

/** What GET /project answers. */
export interface OwnProjectShape {
  readonly id: string;
  readonly name: string;
  readonly envs: readonly string[];
  readonly environments: readonly OwnEnvironmentShape[];
  readonly observation_window_minutes: number;
  readonly finish_deadline_minutes: number;
  readonly baseline: 'continuous' | 'at_trigger';
  readonly hmac_enabled: boolean;
  readonly limits: Readonly<Record<string, number>>;
  readonly limits_set: readonly string[];
}

export type SourceBody =
  | { readonly type: 'pull'; readonly url: string; readonly env?: string }
  | { readonly type: 'prometheus'; readonly url: string; readonly env?: string; readonly [more: string]: unknown }
  | { readonly type: 'otlp'; readonly service_name?: string; readonly env?: string; readonly detect?: boolean };

/** What is set at a place, without secrets. */
export interface PlaceShape {
  readonly env: string | null;
  readonly active: { readonly type: string; readonly url?: string; readonly [more: string]: unknown } | null;
  readonly candidate: { readonly type: string; readonly url?: string; readonly [more: string]: unknown } | null;
  readonly last_tested_at: string | null;
  readonly last_test_error: string | null;
}

/** And what its test read, number by number, where a source is asked and not read as a whole. */
export interface ExaminedShape extends PlaceShape {
  readonly scrape_interval_seconds?: number | null;
  readonly numbers?: Readonly<
    Record<string, { readonly value: number | null; readonly problem: string | null; readonly [more: string]: unknown }>
  >;
}

/** What POST /projects answers: the only time that the key is shown. */
export interface NewProjectShape {
  /** Only where its endpoint could not be read: what to do. */
  readonly message?: string;
  readonly id: string;
  readonly name: string;
  readonly api_key: string;
}
