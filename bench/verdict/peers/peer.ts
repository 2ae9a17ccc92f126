import type { MetricName } from '../../../src/verdict/types.ts';
import type { Columns } from '../cases.ts';
import type { Prediction } from '../scores.ts';

/** A rule to compare with: the same numbers in, the same verdict out. */
export type Peer = (before: Columns, after: Columns) => Prediction;

/** One metric asks for attention, more for a rollback: the reading that suits each of the peers best. */
export function byFailedMetrics(metrics: readonly MetricName[]): Prediction {
  const verdict = metrics.length === 0 ? 'ok' : metrics.length === 1 ? 'attention' : 'rollback_recommended';
  return { verdict, metrics, confidence: null };
}
