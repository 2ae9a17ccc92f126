import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DEFAULT_LINK_BASES } from '../../grafana/kit/links.ts';
import { zerosLookLikeZeros } from '../../grafana/lint/axis-rules.ts';
import type { DashboardFile } from '../../grafana/lint/dashboard-file.ts';
import {
  dashboardIsDescribed,
  gridHasNoOverlap,
  panelsAreComplete,
  thresholdsAreTrafficLights,
} from '../../grafana/lint/layout-rules.ts';
import {
  countersAreRated,
  environmentIsKept,
  namesAreKnown,
  promqlParses,
  rateIntervalIsForRate,
} from '../../grafana/lint/promql-rules.ts';
import {
  cellLinksResolve,
  datasourcesResolve,
  linksLead,
  variablesAreUsable,
} from '../../grafana/lint/reference-rules.ts';
import { emptyCellsAreMarked } from '../../grafana/lint/table-rules.ts';
import {
  ALERT_NAMES,
  ALERTS,
  type AlertName,
  DASHBOARDS,
  dashboardUrl,
  OPERATIONS_PANELS,
} from '../../prometheus/alert-catalog.ts';
import { alertGroups } from '../../prometheus/render-rules.ts';
import { committedDashboards } from './committed-dashboards.ts';

const DOCS = new URL('../../docs/', import.meta.url);
/** What Prometheus serves of docs/. */
const servedBase = new URL('/user/', DEFAULT_LINK_BASES.runbooks).href;

/** A page that is served, and a heading of it where the link names one. */
function isReachable(url: string): boolean {
  if (!url.startsWith(servedBase)) return false;
  const [page = '', fragment] = url.slice(servedBase.length).split('#');
  const file = new URL(page, DOCS);
  if (!page.endsWith('.html') || !existsSync(file)) return false;
  return fragment === undefined || readFileSync(file, 'utf8').includes(` id="${fragment}">`);
}

const RULES: Readonly<Record<string, (dashboard: DashboardFile) => string[]>> = {
  'is described': dashboardIsDescribed,
  'has complete panels with ids and titles of their own': panelsAreComplete,
  'has thresholds that ascend as traffic lights': thresholdsAreTrafficLights,
  'shows zeros as zeros': zerosLookLikeZeros,
  'marks empty cells of tables': emptyCellsAreMarked,
  'has no overlap on the grid': gridHasNoOverlap,
  'has PromQL that parses': promqlParses,
  'names only series and labels of the catalogue': namesAreKnown,
  'reads counters through rate or increase': countersAreRated,
  'uses $__rate_interval inside rate only': rateIntervalIsForRate,
  'keeps environments apart where it has the variable': environmentIsKept,
  'names datasources that are provisioned': datasourcesResolve,
  'has variables that follow the time range': variablesAreUsable,
  'has cell links that begin with an address it knows': cellLinksResolve,
  'has links that lead somewhere': (dashboard) => linksLead(dashboard, isReachable),
};

const dashboards = committedDashboards();

describe.each(dashboards)('$file', ({ dashboard }) => {
  test.each(Object.entries(RULES))('%s', (_, rule) => {
    expect(rule(dashboard)).toEqual([]);
  });
});

test('the dashboards have uids and titles of their own, and files named by uid', () => {
  expect(dashboards.map(({ file, dashboard }) => [file, dashboard.title])).toEqual([
    ['seqpulse-deployments.json', 'SEQPULSE - Deployments'],
    ['seqpulse-kpi-mvp-lifecycle.json', 'SEQPULSE - KPI MVP Lifecycle'],
    ['seqpulse-monitoring-mvp.json', 'SEQPULSE - Monitoring MVP'],
    ['seqpulse-operations.json', 'SEQPULSE - Operations'],
  ]);
  for (const { file, dashboard } of dashboards) expect(file).toBe(`${dashboard.uid}.json`);
});

test.each(ALERT_NAMES)('the dashboard_url of %s leads to a panel that links back to its runbook', (alert) => {
  const url = new URL(dashboardUrl(alert));
  const uid = url.pathname.split('/').at(-1);
  const dashboard = dashboards.find((one) => one.dashboard.uid === uid)?.dashboard;
  const panel = dashboard?.panels?.find(({ id }) => String(id) === url.searchParams.get('viewPanel'));
  expect(panel?.links?.map(({ title }) => title)).toContain(`Runbook: ${alert}`);
});

const pages = (alert: AlertName) =>
  alertGroups(DEFAULT_LINK_BASES).some(({ rules }) =>
    rules.some((rule) => 'alert' in rule && rule.alert === alert && rule.labels.severity === 'critical'),
  );
const tiles = Object.entries(OPERATIONS_PANELS).flatMap(([name, { id }]) => {
  const panel = dashboards
    .find(({ dashboard }) => dashboard.uid === DASHBOARDS.operations)
    ?.dashboard.panels?.find((one) => one.id === id);
  const alerts = ALERT_NAMES.filter((alert) => ALERTS[alert].panel === name);
  return panel?.type === 'stat' ? [{ title: panel.title, panel, alerts }] : [];
});
test.each(tiles)('the tile $title can be red only where one of its alerts pages', ({ panel, alerts }) => {
  const colours = panel.fieldConfig?.defaults?.thresholds?.steps?.map(({ color }) => color) ?? [];
  expect(colours).toContain('orange');
  expect(colours.includes('red')).toBe(alerts.some(pages));
});

test('the runbooks that panels link exist once there are runbooks', () => {
  const runbooks = new URL('runbooks/', DOCS);
  if (!existsSync(runbooks)) return;
  expect(ALERT_NAMES.filter((alert) => !existsSync(new URL(`${alert}.md`, runbooks)))).toEqual([]);
});
