/** Why a sample is not used. */
export type LeftOutReason =
  | 'out_of_contract'
  /** No number at all was measured. */
  | 'no_number'
  | 'duplicate_time'
  /** After: so close to another that both saw the same moment. */
  | 'same_moment'
  | 'clock_skew'
  | 'read_late'
  | 'older_than_baseline'
  /** Not the engine's reason: whoever calls it chose another baseline. */
  | 'other_baseline';

/** Samples that were not used for one reason. */
export interface LeftOut {
  readonly phase: 'pre' | 'post';
  readonly reason: LeftOutReason;
  readonly count: number;
  /** One clause for people. */
  readonly text: string;
}
