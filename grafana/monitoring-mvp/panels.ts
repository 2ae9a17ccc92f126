import { catalog } from '../../otel/catalog/catalog.ts';
import { LIMITS, SELECTORS } from '../../prometheus/limits.ts';
import { ratio } from '../../prometheus/rule.ts';
import { outcomeLooks } from '../kit/colours.ts';
import type { PanelSpec } from '../kit/panel-spec.ts';
import { badAbove, limitAt } from '../kit/thresholds.ts';

const requests = catalog.httpRequests.name;
const { warning: slow, critical: tooSlow } = LIMITS.httpLatencyP95;
const answers = (matchers: readonly string[]) => `sum(rate(${requests}{${matchers.join(', ')}}[5m]))`;

/** Six panels whose titles and PromQL are a contract with installations that exist; the seventh is ours. */
export const monitoringMvpPanels: readonly PanelSpec[] = [
  {
    id: 1,
    title: 'HTTP Requests/s',
    width: 8,
    height: 8,
    unit: 'reqps',
    queries: [{ expr: `sum(rate(${requests}[5m]))`, legend: 'requests/s' }],
    visual: { kind: 'timeseries', draw: 'line' },
    read: 'Requests answered per second, mean of five minutes. A rise is more CI traffic, more probes or a scanner; a fall to zero means that nobody reaches the service, for even an idle one is probed.',
    empty:
      'The service is not scraped (see the target `seqpulse-backend` on the Prometheus page /targets), or it has answered nothing for five minutes. Feed it: `curl http://localhost:8000/health`, twice, 15 s apart.',
    check:
      'On a fall: is the target up, and do load balancer and CI still point here? On a rise: the panel HTTP Requests/s by Route of Operations names the route.',
    alerts: ['SeqPulseDown'],
  },
  {
    id: 2,
    title: 'HTTP Latency p95',
    width: 8,
    height: 8,
    unit: 's',
    queries: [
      {
        expr: `histogram_quantile(0.95, sum(rate(${catalog.httpRequestDuration.name}_bucket[5m])) by (le))`,
        legend: 'p95',
      },
    ],
    thresholds: badAbove(slow.seconds, tooSlow.seconds),
    visual: { kind: 'timeseries', draw: 'line' },
    read: `95 of 100 requests were answered faster than this, health checks included. A rise means that CI waits: the alert looks at ${slow.seconds} s and ${tooSlow.seconds} s. What is over 5 s reads as 5 s.`,
    empty: 'Without requests in the last five minutes there is no percentile. Feed it: call any route for a minute.',
    check:
      'The database first (`curl localhost:8000/db-check`, slow queries, connections), then Event-Loop Delay and CPU in Operations. With HMAC on, a trigger waits for the observed application’s answer (2.5 s at most).',
    alerts: ['SeqPulseHttpLatencyHigh'],
  },
  {
    id: 7,
    title: 'HTTP Error Rate (%)',
    softMax: 10,
    width: 8,
    height: 8,
    unit: 'percent',
    queries: [
      {
        expr: `100 * ${ratio(answers([SELECTORS.businessRoutes, SELECTORS.serverError]), answers([SELECTORS.businessRoutes]))}`,
        legend: '5xx',
      },
    ],
    thresholds: badAbove(100 * LIMITS.httpErrors.warningRatio, 100 * LIMITS.httpErrors.criticalRatio),
    visual: { kind: 'timeseries', draw: 'line' },
    read: 'Share of requests answered with 5xx, health checks left out. Zero is normal; anything that stays above the first line uses up the error budget of 99.5 % before its time. 4xx are answers, not errors.',
    empty:
      'No request besides health checks in the last five minutes: a share of nothing is nothing. Feed it: `curl http://localhost:8000/deployments` (a 401 counts as a request).',
    check:
      'Responses by Status in Operations, then the log lines of level `error`: they carry route, code and, with traces on, trace_id. 503 on many routes at once is the database.',
    alerts: ['SeqPulseHttpErrorBudgetBurn'],
  },
  {
    id: 3,
    title: 'Scheduler Pending Jobs',
    width: 12,
    height: 8,
    unit: 'short',
    decimals: 0,
    queries: [{ expr: catalog.jobsPending.name, legend: '{{instance}}' }],
    thresholds: limitAt(LIMITS.pendingJobs.info.jobs, 'orange'),
    visual: { kind: 'timeseries', draw: 'line', legendCalcs: ['lastNotNull', 'max'] },
    read: 'Collects and analyses that wait, due or not yet due, in the whole database: every replica shows the same number. It rises with each deployment and falls as its window passes. Only a rise that never falls is a fault.',
    empty:
      'The gauge is left out while the database does not answer; 0 is drawn as 0. Feed it: trigger a deployment (one to five collects wait at once, six more after finish).',
    check:
      'Overdue Jobs in Operations: 0 there means healthy load. Otherwise the workers do not keep up: targets that time out, a slow database, too few replicas.',
    alerts: ['SeqPulseSchedulerPendingHigh', 'SeqPulseDatabaseUnreachable'],
  },
  {
    id: 4,
    title: 'Scheduler Failed Jobs (1h)',
    width: 12,
    height: 8,
    unit: 'short',
    decimals: 0,
    queries: [{ expr: `increase(${catalog.jobsFailed.name}[1h])`, legend: '{{instance}}' }],
    thresholds: limitAt(LIMITS.failedJobs.jobs + 1, 'orange'),
    visual: { kind: 'timeseries', draw: 'line', legendCalcs: ['lastNotNull', 'max'] },
    read: 'Jobs that gave up for good in the last hour: a collect after all its tries, an analysis after a fault of ours. Zero is normal. One failure stays visible for an hour, then the line falls by itself; `increase` extrapolates, so 1 may read as 1.02.',
    empty:
      'The counter is exported as 0 from the start, so empty means: not scraped. Feed it: trigger a deployment whose application answers 500, finish it, and wait for the tries (7.5 min).',
    check:
      'The view kpi.job_failures (or the table Given-up Jobs in KPI MVP Lifecycle) names job, deployment and reason. One project: its application. Many at once: DNS, the network or our own rules for addresses.',
    alerts: ['SeqPulseSchedulerJobsFailed'],
  },
  {
    id: 5,
    title: 'Metrics Collected/s by Phase',
    width: 12,
    height: 8,
    unit: 'cps',
    queries: [{ expr: `sum by (phase) (rate(${catalog.metricsCollected.name}[5m]))`, legend: '{{phase}}' }],
    visual: { kind: 'timeseries', draw: 'line', legendCalcs: ['lastNotNull', 'mean'] },
    read: 'Samples stored per second, before (`pre`) and after (`post`) a deployment. Both follow the number of deployments: one pre sample where a baseline is ready, else five within 25 s, then one post sample a minute. pre without post: CI triggers but does not finish.',
    empty: 'Zero is drawn as 0, so empty means: not scraped. Feed it: one deployment, trigger and finish.',
    check:
      'On a fall with deployments running: Target Reads by Outcome in Operations (the applications) and Overdue Jobs (us).',
    alerts: ['SeqPulseTargetsFailing'],
  },
  {
    id: 6,
    title: 'Analysis Duration p95 by Outcome',
    width: 12,
    height: 8,
    unit: 's',
    queries: [
      {
        expr: `histogram_quantile(0.95, sum(rate(${catalog.analysisDuration.name}_bucket[5m])) by (le, outcome))`,
        legend: '{{outcome}}',
      },
    ],
    looks: outcomeLooks,
    visual: { kind: 'timeseries', draw: 'line', legendCalcs: ['lastNotNull'] },
    read: 'How long the analyses of the last five minutes took, by what came of them. Some ten milliseconds are normal. A rise is a slow database: the rule itself takes well under a millisecond. A line `error` is a fault of ours.',
    empty:
      'Between analyses there is nothing to measure, and most minutes have none: look at a longer range. Feed it: finish a deployment and wait for its window (5 min).',
    check:
      'HTTP Latency p95 beside it: both up means the database. `error`: log lines of level `error` with the deployment’s id.',
    alerts: ['SeqPulseNoVerdicts'],
  },
];
