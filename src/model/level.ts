/** Which samples from before a deployment it is judged by, settled at its trigger; see migrations/0006_baseline.sql. */
export type BaselineSource = 'at_trigger' | 'continuous' | 'last_good';

/**
 * What a deployment says about the level of its environment, its verdict and people's feedback taken together:
 * `good` (ok), `accepted` (alarmed, and somebody says the new level is right), `bad` (alarmed, or ok and somebody says it
 * was not), `unknown` (not judged, abandoned, insufficient data).
 */
export type LevelJudgement = 'good' | 'accepted' | 'bad' | 'unknown';

export interface LevelChange {
  readonly deploymentId: string;
  readonly number: number;
  readonly metricsEndpoint: string;
  readonly startedAtMs: number;
  readonly finishedAtMs: number | null;
  /** When nobody reads for it any more: the window's end, or the deadline of an abandoned one; null while it is open. */
  readonly endedAtMs: number | null;
  readonly judgement: LevelJudgement;
  readonly baselineSource: BaselineSource;
  /** It was triggered in a bad state without any good baseline: what it was judged by is none either. */
  readonly withoutGoodBaseline: boolean;
}
