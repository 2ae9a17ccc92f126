/**
 * What leads from an alert to help: the names of the alerts, their runbooks and the panel each links to. Imported by the
 * rules, by the dashboards (ids and titles of the linked panels come from here) and by the tests of both.
 */

export const DASHBOARDS = {
  monitoringMvp: 'seqpulse-monitoring-mvp',
  kpiMvpLifecycle: 'seqpulse-kpi-mvp-lifecycle',
  operations: 'seqpulse-operations',
  deployments: 'seqpulse-deployments',
} as const;

/** Panels of the operations dashboard that alerts link to; ids are part of the links, so they are fixed here. */
export const OPERATIONS_PANELS = {
  replicasUp: { id: 1, title: 'Replicas Up' },
  errorRatio: { id: 2, title: 'HTTP Error Rate' },
  latencyP95: { id: 3, title: 'HTTP Latency p95' },
  overdueJobs: { id: 4, title: 'Overdue Jobs' },
  failedJobs: { id: 5, title: 'Failed Jobs (15m)' },
  failingTargets: { id: 6, title: 'Failing Target Reads' },
  pendingJobs: { id: 7, title: 'Pending Jobs' },
  verdicts: { id: 8, title: 'Verdicts' },
  notifications: { id: 43, title: 'Messages to People (1h)' },
  clockOffset: { id: 58, title: 'Clock Offset' },
} as const;
export type OperationsPanel = keyof typeof OPERATIONS_PANELS;

/** Alert name → panel. The name is also the file name of the runbook: docs/runbooks/<name>.md. */
export const ALERTS = {
  SeqPulseDown: { panel: 'replicasUp' },
  SeqPulseDatabaseUnreachable: { panel: 'pendingJobs' },
  SeqPulseClockOffset: { panel: 'clockOffset' },
  SeqPulseSchedulerBacklog: { panel: 'overdueJobs' },
  SeqPulseHttpErrorBudgetBurn: { panel: 'errorRatio' },
  SeqPulseHttpLatencyHigh: { panel: 'latencyP95' },
  SeqPulseSchedulerJobsFailed: { panel: 'failedJobs' },
  SeqPulseTargetsFailing: { panel: 'failingTargets' },
  SeqPulseNotificationsFailing: { panel: 'notifications' },
  SeqPulseNoVerdicts: { panel: 'verdicts' },
  SeqPulseSchedulerPendingHigh: { panel: 'pendingJobs' },
  SeqPulseWatchdog: { panel: 'replicasUp' },
} as const satisfies Record<string, { readonly panel: OperationsPanel }>;
export type AlertName = keyof typeof ALERTS;
export const ALERT_NAMES = Object.keys(ALERTS) as AlertName[];

/** Where links lead. Prometheus expands no variables, so they are written into the rules when those are generated. */
export interface LinkBases {
  /** Without a slash at the end; `/<AlertName>` and the extension follow. */
  readonly runbooks: string;
  /** Of the pages there: `.html` as this repository renders them, `.md` on a code host, empty in a wiki. */
  readonly extension: string;
  /** Without a slash at the end; `/d/<uid>` follows. */
  readonly grafana: string;
  /** SeqPulse itself, as browsers reach it (SEQPULSE_PUBLIC_URL). Without a slash at the end; `/ui/deployments/<id>` follows. */
  readonly seqpulse: string;
}

/**
 * What `docker compose up` brings. The runbooks are served by Prometheus itself (`--web.user-assets` on docs/), so that
 * the link works on the day it is needed, without a repository host that we would have to invent.
 * Other installations: `npm run generate -- --runbooks <url> --grafana <url> --out <folder>`.
 */
export const DEFAULT_LINK_BASES: LinkBases = {
  runbooks: 'http://localhost:9090/user/html/runbooks',
  extension: '.html',
  grafana: 'http://localhost:3002',
  seqpulse: 'http://localhost:8000',
};

export function runbookUrl(alert: AlertName, bases: LinkBases = DEFAULT_LINK_BASES): string {
  return `${bases.runbooks}/${alert}${bases.extension}`;
}

/** The alert's panel alone, in full size. `query` is appended as it is, for variables such as `var-environment=prod`. */
export function dashboardUrl(alert: AlertName, bases: LinkBases = DEFAULT_LINK_BASES, query = ''): string {
  const { id } = OPERATIONS_PANELS[ALERTS[alert].panel];
  return `${bases.grafana}/d/${DASHBOARDS.operations}?viewPanel=${id}${query === '' ? '' : `&${query}`}`;
}
