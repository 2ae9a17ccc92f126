import { hasFailed } from './assess.ts';
import type { Assessment } from './assessment.ts';
import { levels } from './figures.ts';
import { quantityOf } from './quantity.ts';
import type { Evidence } from './types.ts';

/** "p95 here can't tell 100 from 250 ms": how closely a p95 from a histogram could be read. */
export function resolutionClause({ low, high }: NonNullable<Evidence['resolution']>): string {
  if (high === null) return `p95 here can't tell anything above ${levels('latency_p95', [low])[0] ?? ''}`;
  const [from = '', to = ''] = levels('latency_p95', [low, high]);
  return `p95 here can't tell ${from.replace(/ m?s$/, '')} from ${to}`;
}

/** "the control went from 101 ms to 204 ms": what the rest did in the same minutes; null where that explains nothing. */
export function controlClause(assessment: Assessment): string | null {
  const { control, expected } = assessment.evidence;
  if (control === undefined || expected === undefined) return null;
  const [from, to] = levels(quantityOf(assessment), [control.before, control.after]);
  return from === to ? null : `the control went from ${from} to ${to} in the same minutes`;
}

/** What was judged for want of something better, and why, as one clause; null where the number itself was, and could be. */
export function basisOf(assessment: Assessment): string | null {
  const { judgedBy, resolution } = assessment.evidence;
  if (judgedBy === 'cpu_cores')
    return 'in cores, by the relative change: no limit is set that they could be a share of';
  if (resolution?.isBlind !== true) return null;
  const clause = resolutionClause(resolution);
  if (judgedBy === 'latency_mean') return `judged by the mean, for ${clause}`;
  return hasFailed(assessment) && assessment.evidence.meanRose === true
    ? `${clause}, and the mean rose too`
    : `${clause}, and no mean is known`;
}
