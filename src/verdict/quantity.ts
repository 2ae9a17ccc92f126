import type { Evidence, MetricName, Quantity } from './types.ts';

/** What the levels of a finding are of: the metric's own number, or what was judged in its place. */
export function quantityOf({
  metric,
  evidence,
}: {
  readonly metric: MetricName;
  readonly evidence: Pick<Evidence, 'judgedBy'>;
}): Quantity {
  return evidence.judgedBy ?? metric;
}
