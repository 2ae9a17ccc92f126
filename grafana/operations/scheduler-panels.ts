import { catalog } from '../../otel/catalog/catalog.ts';
import { OPERATIONS_PANELS } from '../../prometheus/alert-catalog.ts';
import { LIMITS } from '../../prometheus/limits.ts';
import { readLooks } from '../kit/colours.ts';
import type { PanelSpec } from '../kit/panel-spec.ts';
import { badAbove, limitAt } from '../kit/thresholds.ts';
import { increaseBy, maxBy, quantileBy, rateBy } from './promql.ts';

const { pendingJobs, jobStartDelayP95 } = LIMITS;

export const schedulerPanels: readonly PanelSpec[] = [
  {
    ...OPERATIONS_PANELS.pendingJobs,
    width: 8,
    height: 8,
    unit: 'short',
    decimals: 0,
    queries: [
      { expr: maxBy([], catalog.jobsPending), legend: 'pending {{environment}}' },
      { expr: maxBy([], catalog.jobsOverdue), legend: 'overdue {{environment}}' },
    ],
    looks: [{ name: '/^overdue/', colour: 'red' }],
    thresholds: limitAt(pendingJobs.info.jobs, 'orange'),
    visual: { kind: 'timeseries', draw: 'line', legendCalcs: ['lastNotNull', 'max'] },
    read: 'Jobs that wait, and those of them that are late by more than 30 s. Pending rises with healthy load (six jobs a finished deployment); overdue should lie on zero.',
    empty:
      'A gap: the service could not ask its database, and says nothing rather than something old. Feed it: trigger a deployment.',
    check:
      'A gap: `curl localhost:8000/db-check`. Overdue up: Job Start Delay for which kind, Target Reads p95 for what holds the workers.',
    alerts: ['SeqPulseSchedulerPendingHigh', 'SeqPulseDatabaseUnreachable', 'SeqPulseSchedulerBacklog'],
  },
  {
    id: 30,
    title: 'Job Start Delay p95',
    width: 8,
    height: 8,
    unit: 's',
    queries: [
      {
        expr: quantileBy(0.95, ['job_type'], catalog.jobStartDelay, { window: '5m' }),
        legend: '{{environment}} {{job_type}}',
      },
    ],
    thresholds: badAbove(jobStartDelayP95.warningSeconds, jobStartDelayP95.criticalSeconds),
    visual: { kind: 'timeseries', draw: 'line', legendCalcs: ['lastNotNull', 'max'] },
    read: 'How late jobs start, over five minutes. Under a second is normal; a late post collect reads another minute than it should, so verdicts lose precision.',
    empty: 'No job has started within the window: no deployment is being observed. Feed it: trigger one.',
    check:
      'Overdue Jobs, the number of replicas, and Target Reads p95: an application that hangs holds a worker for 5 s.',
    alerts: ['SeqPulseSchedulerBacklog'],
  },
  {
    id: 31,
    title: 'Jobs Given Up (1h)',
    width: 8,
    height: 8,
    unit: 'short',
    decimals: 0,
    queries: [{ expr: increaseBy([], catalog.jobsFailed, '1h'), legend: '{{environment}}' }],
    thresholds: limitAt(LIMITS.failedJobs.jobs + 1, 'orange'),
    visual: { kind: 'timeseries', draw: 'line', legendCalcs: ['lastNotNull', 'max'] },
    read: 'Jobs that gave up for good, over the last hour. A step up is one event; it falls an hour later.',
    empty: 'The counter is there from the start, as 0: empty means not scraped.',
    check: 'Given-up Jobs in KPI MVP Lifecycle for job, deployment and reason.',
    alerts: ['SeqPulseSchedulerJobsFailed'],
  },
  {
    id: 32,
    title: 'Samples Collected/s',
    width: 8,
    height: 8,
    unit: 'cps',
    queries: [
      { expr: rateBy(['phase'], catalog.metricsCollected), legend: '{{environment}} {{phase}}' },
      { expr: rateBy([], catalog.baselineSamples), legend: '{{environment}} baseline' },
    ],
    visual: { kind: 'timeseries', draw: 'line', legendCalcs: ['lastNotNull', 'mean'] },
    read: 'Samples stored, before and after deployments, and between them for their baseline: there one a minute for each environment, whatever is deployed. `pre` without `post` a few minutes later: CI triggers and never finishes.',
    empty: 'Zero is drawn as 0: empty means not scraped. Feed it: one deployment, trigger and finish.',
    check:
      'Reads fail: Target Reads by Outcome. No reads at all: Overdue Jobs, then whether CI still calls (HTTP Requests/s by Route).',
    alerts: ['SeqPulseTargetsFailing'],
  },
  {
    id: 33,
    title: 'Target Reads by Outcome',
    width: 8,
    height: 8,
    unit: 'cps',
    queries: [
      {
        expr: rateBy(['outcome'], catalog.targetRequestDuration, { suffix: '_count' }),
        legend: '{{environment}} {{outcome}}',
      },
    ],
    looks: readLooks,
    visual: { kind: 'timeseries', draw: 'line', stacked: true, legendCalcs: ['lastNotNull', 'max'] },
    read: 'Every read of an observed application and what came of it. Green is a sample; every other colour is tried again after 30, 120 and 300 s, or, read for a baseline, a minute later.',
    empty: 'Zero is drawn as 0: empty means not scraped. Feed it: trigger a deployment.',
    check:
      '`timeout`, `unreachable`: from this host, `curl` the endpoint of one project. `forbidden_address`: SEQPULSE_TARGET_ALLOW. `bad_status` 401 or 403: its HMAC secret. `bad_body`: the five metrics of the contract.',
    alerts: ['SeqPulseTargetsFailing'],
  },
  {
    id: 34,
    title: 'Target Reads p95',
    width: 8,
    height: 8,
    unit: 's',
    queries: [
      {
        expr: quantileBy(0.95, ['outcome'], catalog.targetRequestDuration, { window: '15m' }),
        legend: '{{environment}} {{outcome}}',
      },
    ],
    looks: readLooks,
    visual: { kind: 'timeseries', draw: 'line', legendCalcs: ['lastNotNull', 'max'] },
    read: 'How long reading the observed applications takes, by outcome, over 15 minutes. A read is given 5 s; `ok` near 5 s means that samples will soon be missing. `timeout` reads as nearly 10 s: what was cut off at 5 s lies in the bucket from 5 to 10 s.',
    empty: 'No read within 15 minutes. Feed it: trigger a deployment.',
    check:
      '`ok` slow for all: our network or DNS. For one project: its application computes its metrics while we wait.',
    alerts: ['SeqPulseTargetsFailing'],
  },
];
