/**
 * What a report is made of: a deployment as GET /deployments/{id} answers it, and its samples as …/metrics does. Only what
 * a report reads; answers of older services lack some of it, and the report does without.
 */

export type ReportedState = 'running' | 'finished' | 'analyzed' | 'abandoned';
export type ReportedVerdictName = 'ok' | 'attention' | 'rollback_recommended' | 'insufficient_data';

export interface ReportedEvidence {
  readonly rule?: string | null;
  readonly change?: number | null;
  readonly interval?: readonly number[] | null;
  readonly expected?: number | null;
  readonly limit?: number | null;
  readonly threshold?: number | null;
  readonly samples_beyond?: number | null;
  readonly strength?: number | null;
  readonly samples_before?: number;
  readonly samples_after?: number;
  readonly own_noise?: number | null;
  /** Levels before and in the same minutes. */
  readonly control?: readonly number[] | null;
  readonly judged_by?: string | null;
  readonly resolution?: readonly (number | null)[] | null;
  readonly p95_blind?: boolean;
  readonly p95_read?: readonly number[] | null;
  readonly below_limit?: boolean;
  readonly alternative?: string | null;
  readonly not_judged?: string | null;
}

export interface ReportedFinding {
  readonly metric: string;
  /** Of `custom`: which, and what its numbers are. */
  readonly name?: string;
  readonly kind?: 'level' | 'share' | 'rate';
  readonly worse?: 'up' | 'down';
  readonly unit?: string;
  readonly baseline: number | null;
  readonly observed: number | null;
  readonly severity: 'none' | 'attention' | 'critical';
  readonly reason: string;
  readonly evidence?: ReportedEvidence;
}

export interface ReportedVerdict {
  readonly verdict: ReportedVerdictName;
  /** 0..1 */
  readonly confidence: number;
  readonly trust?: { readonly right_share?: number | null } | null;
  readonly headline?: string;
  readonly summary: string;
  readonly details: readonly ReportedFinding[];
  readonly hints?: readonly { readonly kind: string; readonly text: string }[];
  readonly others?: ReportedOthers | null;
  readonly left_out?: readonly ReportedLeftOut[];
}

/** The other projects of its environment in the same minutes. */
export interface ReportedOthers {
  readonly looked_at: number;
  readonly worse: number;
  readonly suspects: number;
  readonly since: string | null;
  readonly lowered: boolean;
  /** null: whoever asks may not know them. */
  readonly projects: readonly ReportedOther[] | null;
}

export interface ReportedOther {
  readonly name: string;
  readonly since: string | null;
  readonly suspect: boolean;
}

export interface ReportedBaseline {
  readonly source: 'at_trigger' | 'continuous' | 'last_good';
  readonly from: string | null;
  readonly until: string | null;
  readonly samples: number;
  readonly good_since: { readonly id: string; readonly number: number } | null;
  readonly note: string | null;
}

export interface ReportedLeftOut {
  readonly phase: 'pre' | 'post';
  readonly reason?: string;
  readonly count: number;
  readonly text: string;
}

export interface ReportedCount {
  readonly expected: number;
  readonly collected: number;
}

/** Times are RFC 3339. */
export interface ReportedDeployment {
  readonly id: string;
  readonly number: number;
  readonly project: string;
  readonly env: string;
  readonly branch: string | null;
  readonly version?: string | null;
  readonly commit_sha?: string | null;
  readonly build_url?: string | null;
  readonly actor?: string | null;
  readonly service?: string | null;
  /** `detected`: nobody announced it. */
  readonly origin?: 'ci' | 'detected';
  readonly state: ReportedState;
  readonly pipeline_result: 'success' | 'failed' | null;
  readonly pipeline_outcome?: string | null;
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly analyzed_at: string | null;
  readonly observed_until?: string | null;
  readonly verdict_due_at?: string | null;
  readonly superseded_by: string | null;
  readonly samples?: { readonly before: ReportedCount; readonly after: ReportedCount };
  readonly verdict: ReportedVerdict | null;
  /** A rollback recommended before the window was over. `outcome` is what the verdict made of it. */
  readonly preliminary?: {
    readonly minute: number;
    readonly confidence: number;
    readonly summary: string;
    readonly details: readonly ReportedFinding[];
    readonly outcome: 'confirmed' | 'withdrawn' | null;
  } | null;
  /** Second looks at an `ok`. */
  readonly late_checks?: readonly {
    readonly at: string;
    readonly hours: number;
    readonly verdict: 'ok' | 'attention' | 'insufficient_data';
    readonly confidence: number;
    readonly summary: string;
    readonly details: readonly ReportedFinding[];
  }[];
  readonly feedback?: { readonly correct: boolean; readonly note: string | null; readonly given_at: string } | null;
  /** The project's limits as the API names them, for one that has no verdict yet. */
  readonly limits?: Readonly<Record<string, number>> | null;
  /** Which samples it is compared with. */
  readonly baseline?: ReportedBaseline | null;
  /** Tries to read that failed, whether or not a later one came through. */
  readonly failed_reads?: {
    readonly tries: number;
    readonly last: { readonly error: string; readonly at: string } | null;
  };
  /** The page of this report. */
  readonly html_url?: string | null;
}

/** One reading; a number that is null was not known. */
export interface ReportedSample {
  readonly phase: 'pre' | 'post';
  readonly collected_at: string;
  readonly requests_per_sec: number | null;
  readonly latency_p95: number | null;
  readonly error_rate: number | null;
  readonly cpu_usage: number | null;
  readonly memory_usage: number | null;
  /** Metrics of the team's own, by name. */
  readonly custom?: Readonly<Record<string, number | null>>;
  /** Milliseconds; only of sources that know it. */
  readonly latency_mean?: number;
  readonly cpu_cores?: number;
  /** Read between deployments, not for this one. */
  readonly from_baseline?: boolean;
  /** Why the verdict did not use it. */
  readonly left_out?: string;
}
