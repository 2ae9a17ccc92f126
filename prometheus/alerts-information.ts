import type { LinkBases } from './alert-catalog.ts';
import { annotate, type RuleGroup } from './rule.ts';

export function informationAlerts(bases: LinkBases): RuleGroup {
  const alert = 'SeqPulseWatchdog';
  return {
    name: 'seqpulse.information',
    rules: [
      {
        // Named like the others, for an Alertmanager shared with another system's `Watchdog` would merge the two, and
        // one of them could die unnoticed.
        alert,
        expr: 'vector(1)',
        labels: { severity: 'info' },
        annotations: annotate(alert, bases, {
          summary: 'Always firing: proves the way from Prometheus to the receiver.',
          description:
            'Nothing is wrong while this arrives. When the receiver stops hearing it, no other alert of SeqPulse would arrive either (value {{ printf "%.0f" $value }}).',
          perEnvironment: false,
        }),
      },
    ],
  };
}
