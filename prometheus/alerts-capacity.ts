import type { LinkBases } from './alert-catalog.ts';
import { LIMITS } from './limits.ts';
import { RECORDED } from './recording-rules.ts';
import { annotate, type RuleGroup } from './rule.ts';

export function capacityAlerts(bases: LinkBases): RuleGroup {
  const alert = 'SeqPulseSchedulerPendingHigh';
  const limit = LIMITS.pendingJobs.info;
  return {
    name: 'seqpulse.capacity',
    rules: [
      {
        alert,
        expr: `${RECORDED.pendingJobs} > ${limit.jobs}`,
        for: limit.for,
        labels: { severity: 'info' },
        annotations: annotate(alert, bases, {
          summary: 'Unusually many jobs of SeqPulse are waiting.',
          description: `{{ printf "%.0f" $value }} collects and analyses in environment {{ $labels.environment }} wait, most of them not yet due (limit ${limit.jobs}): many deployments are being observed at once.`,
        }),
      },
    ],
  };
}
