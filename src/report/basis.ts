import { type Judged, type Measure, STAND_INS } from '../verdict/types.ts';
import { joined, levels } from './figures.ts';
import type { ReportedEvidence } from './wire.ts';

/** What the levels of a finding are of. */
export function quantityOf(metric: Judged, { judged_by: by }: Pick<ReportedEvidence, 'judged_by'>): Measure {
  return STAND_INS.find((known) => known === by) ?? metric;
}

/** What was judged for want of better, as a sentence; '' where the number itself was. */
export function basisOf({ judged_by: by, p95_blind: isBlind, resolution, p95_read: read }: ReportedEvidence): string {
  if (by === 'cpu_cores') return 'In cores: no limit is set that they could be a share of.';
  const [low, high] = resolution ?? [];
  if (isBlind !== true || typeof low !== 'number') return '';
  const [from, to] = levels('latency_p95', typeof high === 'number' ? [low, high] : [low]);
  if (from === undefined) return '';
  const cannot =
    to === undefined
      ? `p95 here can’t tell anything above ${joined(from)}`
      : `p95 here can’t tell ${from.unit === to.unit ? from.digits : joined(from)} from ${joined(to)}`;
  if (by !== 'latency_mean') return `${cannot}.`;
  const [was, is] = levels('latency_p95', read ?? []);
  const seen = was === undefined || is === undefined ? '' : `, and read ${joined(was)} before and ${joined(is)} after`;
  return `Judged by the mean: ${cannot}${seen}.`;
}

/** What the control did, where that is what was expected here; '' where there is none, or it did nothing. */
export function controlOf(quantity: Measure, { control, expected }: ReportedEvidence): string {
  const [was, is] = levels(quantity, control ?? []);
  if (was === undefined || is === undefined || typeof expected !== 'number') return '';
  return joined(was) === joined(is) ? '' : `The control went from ${joined(was)} to ${joined(is)} in the same minutes.`;
}
