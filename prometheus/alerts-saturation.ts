import type { LinkBases } from './alert-catalog.ts';
import { LIMITS } from './limits.ts';
import { RECORDED } from './recording-rules.ts';
import { type AlertRule, annotate, type RuleGroup } from './rule.ts';

export function saturationAlerts(bases: LinkBases): RuleGroup {
  return { name: 'seqpulse.saturation', rules: [backlog(bases, 'critical'), backlog(bases, 'warning')] };
}

function backlog(bases: LinkBases, severity: 'critical' | 'warning'): AlertRule {
  const alert = 'SeqPulseSchedulerBacklog';
  const limit = LIMITS.overdueJobs[severity];
  return {
    alert,
    expr: `${RECORDED.overdueJobs} > ${limit.jobs}`,
    for: limit.for,
    labels: { severity },
    annotations: annotate(alert, bases, {
      summary: 'Jobs of SeqPulse start too late.',
      description: `{{ printf "%.0f" $value }} collects and analyses in environment {{ $labels.environment }} are more than 30 s overdue (limit ${limit.jobs}): samples are taken at the wrong time and verdicts come late.`,
    }),
  };
}
