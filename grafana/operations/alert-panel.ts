import { JOBS } from '../../prometheus/limits.ts';
import type { PanelSpec } from '../kit/panel-spec.ts';

/** Numbered, for their names sort as critical, info, warning. */
const SEVERITIES = [
  { text: 'critical', colour: 'red' },
  { text: 'warning', colour: 'orange' },
  { text: 'info', colour: 'blue' },
] as const;
const FIRING = 'ALERTS{alertstate="firing", alertname=~"SeqPulse.*"}';
const NUMBERED = SEVERITIES.reduce(
  (expr, { text }, index) => `label_replace(${expr}, "severity", "${index + 1}", "severity", "${text}")`,
  FIRING,
);

/** Below the tiles: what has been decided to be worth waking somebody for. */
export const alertPanels: readonly PanelSpec[] = [
  {
    id: 57,
    title: 'Firing Alerts',
    width: 24,
    height: 5,
    unit: 'short',
    queries: [
      {
        expr: `sum by (environment, alertname, severity) (${NUMBERED})`,
        legend: '{{alertname}}',
        instant: true,
      },
    ],
    looks: [
      {
        name: 'severity',
        width: 140,
        values: Object.fromEntries(SEVERITIES.map((severity, index) => [String(index + 1), severity])),
        colouredCell: true,
      },
      { name: 'alert', width: 340 },
    ],
    columns: {
      hidden: ['Time', 'Value'],
      order: ['severity', 'alertname', 'environment'],
      names: { alertname: 'alert' },
    },
    visual: { kind: 'table', sortBy: { column: 'severity', descending: false } },
    read: `What fires now, over all environments, the most urgent first. SeqPulseWatchdog always does: it proves that rules are evaluated.`,
    empty: `Not even the watchdog: Prometheus has not loaded the rules. See its page /alerts. (SeqPulseDown without an environment: it has no target of a job that matches ${JOBS}.)`,
    check: 'The runbook named like the alert, in docs/runbooks.',
    alerts: ['SeqPulseWatchdog'],
  },
];
