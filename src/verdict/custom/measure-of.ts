import { CUSTOM, type Finding, type Measure } from '../types.ts';

/** What a finding is of, with what its numbers are told in. */
export function measureOf({
  metric,
  custom,
  unit,
  evidence,
}: Pick<Finding, 'metric' | 'custom' | 'unit' | 'evidence'>): Measure {
  if (metric !== CUSTOM) return evidence.judgedBy ?? metric;
  const { name, kind, worse } = custom ?? { name: CUSTOM, kind: 'level', worse: 'up' };
  return { name, kind, worse, unit: kind === 'share' ? '' : kind === 'rate' ? unit.replace(/\/s$/, '') : unit };
}
