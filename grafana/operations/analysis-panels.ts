import { catalog } from '../../otel/catalog/catalog.ts';
import { OPERATIONS_PANELS } from '../../prometheus/alert-catalog.ts';
import { outcomeLooks, sendingLooks, verdictLooks } from '../kit/colours.ts';
import type { PanelSpec } from '../kit/panel-spec.ts';
import { increaseBy, maxBy, quantileBy } from './promql.ts';

export const analysisPanels: readonly PanelSpec[] = [
  {
    ...OPERATIONS_PANELS.verdicts,
    width: 12,
    height: 8,
    unit: 'short',
    decimals: 0,
    queries: [{ expr: increaseBy(['verdict'], catalog.analysisVerdicts, '1h'), legend: '{{environment}} {{verdict}}' }],
    looks: verdictLooks,
    visual: { kind: 'timeseries', draw: 'line', stacked: true, legendCalcs: ['lastNotNull', 'max'] },
    read: 'Verdicts of the last hour. Much grey means that applications can’t be read; much red at once is either a bad day or a rule that errs.',
    empty: 'Zero is drawn as 0: empty means not scraped. Feed it: finish a deployment and wait for its window (5 min).',
    check:
      'Zero although Samples Collected/s shows `post`: the analysis. Look at Analysis p95 (`error`), Overdue Jobs and the log event `verdict`.',
    alerts: ['SeqPulseNoVerdicts'],
  },
  {
    id: 40,
    title: 'Metrics behind Verdicts (1h)',
    width: 12,
    height: 8,
    unit: 'short',
    decimals: 0,
    queries: [
      {
        expr: increaseBy(['metric', 'critical'], catalog.analysisFailedMetrics, '1h', ['critical="true"']),
        legend: '{{environment}} {{metric}} critical',
      },
      {
        expr: increaseBy(['metric', 'critical'], catalog.analysisFailedMetrics, '1h', ['critical="false"']),
        legend: '{{environment}} {{metric}}',
      },
    ],
    visual: { kind: 'timeseries', draw: 'line', stacked: true, legend: 'table', legendCalcs: ['lastNotNull', 'max'] },
    read: 'Which of the five metrics made a verdict worse than `ok`. One metric that dominates over many projects is more likely the network or the rule than the projects.',
    empty: 'Zero is drawn as 0: empty means not scraped. Feed it: deploy something slow.',
    check: 'The deployments’ details (`GET /deployments/{id}`): each finding says baseline, observed value and why.',
    alerts: ['SeqPulseNoVerdicts'],
  },
  {
    id: 41,
    title: 'Analysis p95',
    width: 12,
    height: 8,
    unit: 's',
    queries: [
      {
        expr: quantileBy(0.95, ['outcome'], catalog.analysisDuration, { window: '15m' }),
        legend: '{{environment}} {{outcome}}',
      },
    ],
    looks: outcomeLooks,
    visual: { kind: 'timeseries', draw: 'line', legendCalcs: ['lastNotNull'] },
    read: 'How long analyses took, over 15 minutes, by what came of them. Nearly all of it is the database.',
    empty: 'No analysis within 15 minutes. Feed it: finish a deployment and wait for its window (5 min).',
    check:
      'HTTP Latency at the same time: both up is the database. A line `error`: log lines of level `error` with the deployment’s id.',
    alerts: ['SeqPulseNoVerdicts'],
  },
  {
    id: 42,
    title: 'Time since Last Outcome',
    width: 12,
    height: 8,
    unit: 's',
    queries: [
      {
        expr: `time() - ${maxBy(['outcome'], catalog.analysisLastOutcome)}`,
        legend: '{{environment}} {{outcome}}',
      },
    ],
    looks: outcomeLooks,
    visual: { kind: 'timeseries', draw: 'line', legendCalcs: ['lastNotNull'] },
    read: 'How long ago an analysis last ended so, as far as the running processes remember. Saw-teeth are healthy; a line that only climbs has stopped happening.',
    empty:
      'An outcome is absent until it has happened since the start. Feed it: finish a deployment and wait for its window (5 min).',
    check: '`ok` climbs while deployments finish: Verdicts, Overdue Jobs. After a restart every line starts anew.',
    alerts: ['SeqPulseNoVerdicts'],
  },
  {
    ...OPERATIONS_PANELS.notifications,
    width: 24,
    height: 8,
    unit: 'short',
    decimals: 0,
    queries: [
      {
        expr: increaseBy(['channel', 'outcome'], catalog.notifications, '1h'),
        legend: '{{environment}} {{channel}} {{outcome}}',
      },
    ],
    looks: sendingLooks,
    visual: { kind: 'timeseries', draw: 'line', stacked: true, legend: 'table', legendCalcs: ['lastNotNull', 'max'] },
    read: 'Attempts of the last hour to tell people, by channel and what came of them. `failed` is tried again, over a day; `given_up` is lost.',
    empty: 'Zero is drawn as 0: empty means not scraped. Feed it: `POST /notifications/{id}/test`.',
    check:
      'Which receiver: `GET /notifications` and `GET /projects/{id}/notifications` show `failing_since` and `last_error` of each.',
    alerts: ['SeqPulseNotificationsFailing'],
  },
];
