/** The wire shapes of a verdict and of what is said before and after it. */

export type VerdictName = 'ok' | 'attention' | 'rollback_recommended' | 'insufficient_data';

/** What a finding stands on; docs/contract.md and docs/verdict.md say what each means. */
export interface EvidenceShape {
  readonly rule: string | null;
  /** Observed − expected, in the metric's unit. */
  readonly change: number | null;
  /** Of the change, 95 %. */
  readonly interval: readonly [low: number, high: number] | null;
  readonly expected: number | null;
  /** The change that matters. */
  readonly limit: number | null;
  /** The level that matters. */
  readonly threshold: number | null;
  readonly samples_before: number;
  readonly samples_after: number;
  /** `latency_mean` or `cpu_cores`, where those were judged in the metric's place. */
  readonly judged_by?: string | null;
  readonly not_judged: string | null;
  readonly [more: string]: unknown;
}

export interface FindingShape {
  /** One of the five numbers, or `custom`: then `name` says which. */
  readonly metric: string;
  readonly name?: string;
  readonly kind?: 'level' | 'share' | 'rate';
  readonly worse?: 'up' | 'down';
  readonly baseline: number | null;
  readonly observed: number | null;
  readonly unit: string;
  readonly severity: 'none' | 'attention' | 'critical';
  readonly reason: string;
  readonly evidence: EvidenceShape;
}

/** One fact to look at first. */
export interface HintShape {
  /** `moved_first`, `moved_later`, `moved_with`, `did_not_move`, `reads`, `left_out`, `trace`; there may be more. */
  readonly kind: string;
  /** One sentence for people. */
  readonly text: string;
  /** Which metrics it speaks of. */
  readonly metrics: readonly string[];
  /** Of `moved_first` and `moved_later`: the first sample beyond the limit. */
  readonly since: string | null;
  /** Of `trace`. */
  readonly trace_id: string | null;
}

export interface VerdictShape {
  readonly verdict: VerdictName;
  /** 0..1 */
  readonly confidence: number;
  /** What that is worth; null where nothing was judged. */
  readonly trust: {
    readonly right_share: number | null;
    readonly text: string;
    readonly [more: string]: unknown;
  } | null;
  /** At most 120 characters: what failed, and by how much. */
  readonly headline: string;
  readonly summary: string;
  /** In the order in which to read them; none for `ok`. */
  readonly hints: readonly HintShape[];
  readonly details: readonly FindingShape[];
  readonly left_out: readonly {
    readonly phase: 'pre' | 'post';
    readonly reason: string;
    readonly count: number;
    readonly text: string;
  }[];
}

/** A rollback recommended before the window was over. */
export interface PreliminaryShape {
  readonly verdict: 'rollback_recommended';
  /** 0..1 */
  readonly confidence: number;
  readonly summary: string;
  readonly details: readonly FindingShape[];
  readonly at: string;
  /** After finish. */
  readonly minute: number;
  /** What the verdict made of it; null while there is none, or where it is `insufficient_data`. */
  readonly outcome: 'confirmed' | 'withdrawn' | null;
}

/** A second look at an `ok`; the verdict stays as it is. */
export interface LateCheckShape {
  readonly at: string;
  /** After the verdict: 1 or 24. */
  readonly hours: number;
  readonly verdict: 'ok' | 'attention' | 'insufficient_data';
  /** 0..1 */
  readonly confidence: number;
  readonly summary: string;
  readonly details: readonly FindingShape[];
}
