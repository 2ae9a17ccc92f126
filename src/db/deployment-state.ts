/**
 * running ── finish ──▶ finished ── analysis ──▶ analyzed
 *    └── finish deadline passed ──▶ abandoned
 */
export type DeploymentState = 'running' | 'finished' | 'analyzed' | 'abandoned';
export type PipelineResult = 'success' | 'failed';
/** Why collecting ended before its time. */
export type CollectionEnd = 'superseded' | 'hmac_refused';

export interface EndedDeployment {
  readonly id: string;
  readonly preExpected: number;
  readonly postExpected: number;
}

export interface EndedRow {
  id: string;
  pre_expected: number;
  post_expected: number | null;
}

export function toEnded(row: EndedRow): EndedDeployment {
  return { id: row.id, preExpected: row.pre_expected, postExpected: row.post_expected ?? 0 };
}
