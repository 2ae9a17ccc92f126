import type { Evidence, Judged, Measure } from './types.ts';

/** What the levels of a finding are of: the metric's own number, or what was judged in its place. */
export function quantityOf({
  metric,
  evidence,
}: {
  readonly metric: Judged;
  readonly evidence: Pick<Evidence, 'judgedBy'>;
}): Measure {
  return evidence.judgedBy ?? metric;
}
