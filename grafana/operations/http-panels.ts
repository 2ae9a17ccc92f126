import { catalog } from '../../otel/catalog/catalog.ts';
import { BURN_RATES, LIMITS, SELECTORS, SLO } from '../../prometheus/limits.ts';
import { ratio } from '../../prometheus/rule.ts';
import type { PanelSpec } from '../kit/panel-spec.ts';
import { badAbove } from '../kit/thresholds.ts';
import { quantileBy, rateBy } from './promql.ts';

const business = [SELECTORS.businessRoutes];
const errors = [SELECTORS.businessRoutes, SELECTORS.serverError];
const { warning, critical } = LIMITS.httpLatencyP95;
const [fastBurn, slowBurn] = BURN_RATES;

const burn = (window: string) =>
  `(${ratio(
    rateBy([], catalog.httpRequests, { more: errors, window }),
    rateBy([], catalog.httpRequests, { more: business, window }),
  )}) / ${SLO.errorBudgetRatio}`;
const latency = (quantile: number) => ({
  expr: quantileBy(quantile, [], catalog.httpRequestDuration, { more: business }),
  legend: `p${quantile * 100} {{environment}}`,
});

export const httpPanels: readonly PanelSpec[] = [
  {
    id: 20,
    title: 'HTTP Requests/s by Route',
    width: 12,
    height: 8,
    unit: 'reqps',
    queries: [
      { expr: rateBy(['method', 'path'], catalog.httpRequests), legend: '{{environment}} {{method}} {{path}}' },
    ],
    visual: { kind: 'timeseries', draw: 'line', legend: 'table', legendCalcs: ['lastNotNull', 'max'] },
    read: 'Who calls what: `/deployments/trigger` and `/deployments/finish` are CI, `/livez` and `/readyz` the platform, `__unmatched__` wrong paths and scanners.',
    empty: 'Nothing was answered within the range, or the service is not scraped. Feed it: call any route.',
    check:
      'A route that vanished: its caller. `__unmatched__` high: a scanner, or a client with a wrong base URL. 401 and 429 beside it: a wrong or leaked key.',
    alerts: ['SeqPulseDown'],
  },
  {
    id: 21,
    title: 'Responses by Status',
    width: 12,
    height: 8,
    unit: 'reqps',
    queries: [{ expr: rateBy(['status_code'], catalog.httpRequests), legend: '{{environment}} {{status_code}}' }],
    looks: [
      { name: '/ 2..$/', colour: 'green' },
      { name: '/ 4..$/', colour: 'orange' },
      { name: '/ 5..$/', colour: 'red' },
    ],
    visual: { kind: 'timeseries', draw: 'line', stacked: true },
    read: 'Green is work done, orange a caller’s mistake (401 key, 409 endpoint, 422 body, 423 blocked, 429 too fast), red a fault of ours.',
    empty: 'Nothing was answered within the range, or the service is not scraped. Feed it: call any route.',
    check:
      'Red: the log lines of level `error`. Orange that rises: which route in HTTP Requests/s by Route, then that project’s CI.',
    alerts: ['SeqPulseHttpErrorBudgetBurn'],
  },
  {
    id: 22,
    title: 'HTTP Latency',
    width: 12,
    height: 8,
    unit: 's',
    queries: [latency(0.5), latency(0.95), latency(0.99)],
    thresholds: badAbove(warning.seconds, critical.seconds),
    visual: { kind: 'timeseries', draw: 'line', legendCalcs: ['lastNotNull', 'max'] },
    read: 'Median, 95th and 99th percentile, health checks left out. All three up: everything is slow. Only p99 up: one route or one caller.',
    empty: 'No request besides health checks: there is no percentile of nothing. Feed it: call any route for a minute.',
    check:
      'All three: the database, the event loop, the CPU. The tail alone: triggers of projects with HMAC wait for their application.',
    alerts: ['SeqPulseHttpLatencyHigh'],
  },
  {
    id: 23,
    title: 'Error Budget Burn',
    softMax: 20,
    width: 12,
    height: 8,
    unit: 'short',
    decimals: 1,
    queries: [
      { expr: burn(fastBurn.shortWindow), legend: `${fastBurn.shortWindow} {{environment}}` },
      { expr: burn(fastBurn.longWindow), legend: `${fastBurn.longWindow} {{environment}}` },
      { expr: burn(slowBurn.longWindow), legend: `${slowBurn.longWindow} {{environment}}` },
    ],
    thresholds: badAbove(slowBurn.burnRate, fastBurn.burnRate),
    visual: { kind: 'timeseries', draw: 'line', legendCalcs: ['lastNotNull', 'max'] },
    read: `How many times too fast the error budget (${SLO.errorBudgetRatio * 100} % of the requests in ${SLO.periodDays} days) is being used: 1 lasts exactly ${SLO.periodDays} days. The alert pages when the hour and the last five minutes are both over ${fastBurn.burnRate}.`,
    empty: 'No request besides health checks. Feed it: call any route for a minute.',
    check: 'Responses by Status for what fails now; if 5m is low and 1h still high, it is over and will clear.',
    alerts: ['SeqPulseHttpErrorBudgetBurn'],
  },
];
