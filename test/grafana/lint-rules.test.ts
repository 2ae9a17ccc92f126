import { describe, expect, test } from 'vitest';
import { zerosLookLikeZeros } from '../../grafana/lint/axis-rules.ts';
import type { DashboardFile, PanelFile, TargetFile } from '../../grafana/lint/dashboard-file.ts';
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

const PROMETHEUS = { type: 'prometheus', uid: 'DS_PROMETHEUS' };
const PANEL: PanelFile = {
  id: 1,
  type: 'stat',
  title: 'one',
  description: 'read [it](http://docs/one)',
  datasource: PROMETHEUS,
  gridPos: { x: 0, y: 0, w: 12, h: 8 },
  targets: [{ refId: 'A', datasource: PROMETHEUS, expr: 'seqpulse_scheduler_jobs_pending' }],
  links: [{ url: 'http://docs/one' }],
  fieldConfig: { defaults: { unit: 'short', color: { mode: 'fixed' } } },
};
const SOUND: DashboardFile = {
  uid: 'seqpulse-test',
  title: 'Test',
  description: 'A sound dashboard.',
  tags: ['seqpulse'],
  refresh: '30s',
  links: [{ type: 'dashboards', tags: ['seqpulse'], keepTime: true, includeVars: true }],
  panels: [PANEL],
};
const OTHER: PanelFile = { ...PANEL, id: 2, title: 'two', gridPos: { x: 12, y: 0, w: 12, h: 8 } };

const withPanel = (change: Partial<PanelFile>): DashboardFile => ({ ...SOUND, panels: [{ ...PANEL, ...change }] });
const withTarget = (target: TargetFile): DashboardFile =>
  withPanel({ targets: [{ refId: 'A', datasource: PROMETHEUS, ...target }] });
const withExpr = (expr: string, legendFormat = ''): DashboardFile => withTarget({ expr, legendFormat });
const withSteps = (...steps: [number | null, string][]): DashboardFile =>
  withPanel({
    fieldConfig: {
      defaults: {
        unit: 'short',
        thresholds: { mode: 'absolute', steps: steps.map(([value, color]) => ({ value, color })) },
      },
    },
  });
const onDocs = (url: string) => url.startsWith('http://docs/');

test('a sound dashboard breaks no rule', () => {
  const rules = [dashboardIsDescribed, panelsAreComplete, thresholdsAreTrafficLights, gridHasNoOverlap, promqlParses];
  const more = [namesAreKnown, countersAreRated, rateIntervalIsForRate, environmentIsKept, datasourcesResolve];
  const last = [variablesAreUsable, (dashboard: DashboardFile) => linksLead(dashboard, onDocs)];
  for (const rule of [...rules, ...more, ...last]) expect(rule(SOUND)).toEqual([]);
});

describe('layout', () => {
  test.each([
    ['a uid that nobody can read', { ...SOUND, uid: 'dQw4w9WgXcQ' }, 'uid'],
    ['no description', { ...SOUND, description: '' }, 'description is missing'],
    ['no refresh', { ...SOUND, refresh: '' }, 'refresh is missing'],
    ['inputs of the import dialogue', { ...SOUND, __inputs: [] }, '__inputs'],
    ['a name of inputs as datasource', withPanel({ datasource: { uid: `$${'{DS_PROMETHEUS}'}` } }), '__inputs'],
  ])('%s is found', (_, dashboard, fault) => {
    expect(dashboardIsDescribed(dashboard).join()).toContain(fault);
  });

  test.each([
    ['an id used twice', { ...SOUND, panels: [PANEL, { ...OTHER, id: 1 }] }, 'panel id 1 is used twice'],
    ['a title used twice', { ...SOUND, panels: [PANEL, { ...OTHER, title: 'one' }] }, 'title one is used twice'],
    ['a panel without a description', withPanel({ description: '' }), 'no description'],
    [
      'a unit that Grafana does not have',
      withPanel({ fieldConfig: { defaults: { unit: 'seconds' } } }),
      'unit seconds',
    ],
    ['a panel without a target', withPanel({ targets: [] }), 'no target'],
    ['a target without a refId', withPanel({ targets: [{ expr: 'up' }] }), 'a target has no refId'],
  ])('%s is found', (_, dashboard, fault) => {
    expect(panelsAreComplete(dashboard).join()).toContain(fault);
  });

  test.each([
    [
      'a mode that is none',
      withPanel({ fieldConfig: { defaults: { thresholds: { mode: 'off', steps: [] } } } }),
      'mode off',
    ],
    ['steps that do not ascend', withSteps([null, 'green'], [2, 'orange'], [1, 'red']), 'do not ascend'],
    ['two equal steps', withSteps([null, 'green'], [1, 'orange'], [1, 'red']), 'do not ascend'],
    ['a lowest step with a value', withSteps([0, 'green'], [1, 'red']), 'value null'],
    ['colours that are no traffic light', withSteps([null, 'green'], [1, 'blue']), 'colours green,blue'],
    [
      'none of its own, so that Grafana’s colour a stat,',
      withPanel({ fieldConfig: { defaults: { unit: 'short', color: { mode: 'thresholds' } } } }),
      'a stat without thresholds',
    ],
  ])('thresholds with %s are found', (_, dashboard, fault) => {
    expect(thresholdsAreTrafficLights(dashboard).join()).toContain(fault);
  });

  test('panels side by side do not overlap, one column further left they do', () => {
    expect(gridHasNoOverlap({ ...SOUND, panels: [PANEL, OTHER] })).toEqual([]);
    const moved = { ...OTHER, gridPos: { x: 11, y: 0, w: 12, h: 8 } };
    expect(gridHasNoOverlap({ ...SOUND, panels: [PANEL, moved] })).toEqual(['panel two overlaps one']);
  });

  test('a panel may end at column 24, not at 25', () => {
    expect(gridHasNoOverlap(withPanel({ gridPos: { x: 12, y: 0, w: 12, h: 1 } }))).toEqual([]);
    expect(gridHasNoOverlap(withPanel({ gridPos: { x: 12, y: 0, w: 13, h: 1 } }))).toHaveLength(1);
  });
});

describe('PromQL', () => {
  test('an expression that does not parse is found, variables are not what breaks it', () => {
    expect(promqlParses(withExpr('rate(up{instance=~"$instance"}[$__rate_interval])'))).toEqual([]);
    expect(promqlParses(withExpr('rate(up{instance=~"$instance"}[$__rate_interval]'))).toHaveLength(1);
  });

  test.each([
    ['a series', 'seqpulse_jobs_pending', '', 'seqpulse_jobs_pending is not in the catalogue'],
    ['a label', 'seqpulse_scheduler_jobs_pending{queue="x"}', '', 'has no label queue'],
    ['a label to group by', 'sum by (phase) (seqpulse_scheduler_jobs_pending)', '', 'has no label phase'],
    [
      'a value',
      'rate(seqpulse_metrics_collected_total{phase="before"}[5m])',
      '',
      'phase of seqpulse_metrics_collected_total is never before',
    ],
    ['a bucket of a gauge', 'rate(seqpulse_scheduler_jobs_pending_bucket[5m])', '', 'is not in the catalogue'],
    ['a label of the legend', 'sum(seqpulse_scheduler_jobs_pending)', '{{instance}}', 'the legend wants {{instance}}'],
  ])('%s that does not exist is found', (_, expr, legend, fault) => {
    expect(namesAreKnown(withExpr(expr, legend)).join()).toContain(fault);
  });

  test.each(['le', 'outcome'])('the label %s of a bucket is known', (label) => {
    expect(namesAreKnown(withExpr(`sum by (${label}) (rate(seqpulse_analysis_duration_seconds_bucket[5m]))`))).toEqual(
      [],
    );
  });

  test.each(['seqpulse_http_requests_total', 'seqpulse_analysis_duration_seconds_count'])('%s needs a rate', (name) => {
    expect(countersAreRated(withExpr(`sum(rate(${name}[5m]))`))).toEqual([]);
    expect(countersAreRated(withExpr(`increase(${name}[5m])`))).toEqual([]);
    expect(countersAreRated(withExpr(`${name} > 0`))).toHaveLength(1);
    expect(countersAreRated(withExpr(`avg_over_time(${name}[5m])`))).toHaveLength(1);
  });

  test('$__rate_interval belongs into rate and nowhere else', () => {
    expect(rateIntervalIsForRate(withExpr('rate(process_cpu_seconds_total[$__rate_interval])'))).toEqual([]);
    expect(rateIntervalIsForRate(withExpr('increase(process_cpu_seconds_total[$__rate_interval])'))).toHaveLength(1);
  });

  test('an aggregation that merges environments is found, and a selector that ignores the variable', () => {
    const templating = { list: [{ name: 'environment', type: 'query' }] };
    const chosen = 'seqpulse_scheduler_jobs_pending{environment=~"$environment"}';
    const faults = (expr: string) => environmentIsKept({ ...withExpr(expr), templating });
    expect(faults(`max by (environment) (${chosen})`)).toEqual([]);
    expect(faults(`max by (instance) (${chosen})`).join()).toContain('aggregated over environments');
    expect(faults(`max without (instance) (${chosen})`).join()).toContain('aggregated over environments');
    expect(faults('seqpulse_scheduler_jobs_pending').join()).toContain('not filtered by $environment');
  });
});

describe('references', () => {
  test('a datasource is a provisioned uid of its type or a variable of the dashboard', () => {
    const variable = { type: 'prometheus', uid: '$datasource' };
    const dashboard = withPanel({ datasource: variable });
    expect(datasourcesResolve(dashboard)).toEqual(['panel one: datasource prometheus $datasource']);
    const templating = { list: [{ name: 'datasource', type: 'datasource' }] };
    expect(datasourcesResolve({ ...dashboard, templating })).toEqual([]);
    expect(datasourcesResolve(withPanel({ datasource: { type: 'prometheus', uid: 'DS_POSTGRESQL' } }))).toHaveLength(1);
    expect(datasourcesResolve(withPanel({ datasource: { type: 'postgres', uid: 'DS_POSTGRESQL' } }))).toHaveLength(1);
  });

  test('a variable that does not follow the time range, is not sorted or has no All is found', () => {
    const sound = {
      name: 'v',
      type: 'query',
      datasource: PROMETHEUS,
      refresh: 2,
      sort: 1,
      includeAll: true,
      allValue: '.*',
    };
    const faults = (change: object) =>
      variablesAreUsable({ ...SOUND, templating: { list: [{ ...sound, ...change }] } });
    expect(faults({})).toEqual([]);
    expect(faults({ refresh: 1 })).toHaveLength(1);
    expect(faults({ sort: 0 })).toHaveLength(1);
    expect(faults({ allValue: '' })).toHaveLength(1);
  });

  test('dead links in descriptions and panel links are found, and a panel without one', () => {
    expect(linksLead(withPanel({ description: 'read [it](http://gone/)' }), onDocs)).toHaveLength(1);
    expect(linksLead(withPanel({ links: [{ url: 'http://gone/' }] }), onDocs)).toHaveLength(1);
    expect(linksLead(withPanel({ description: 'no link' }), onDocs)).toEqual(['panel one: no link to its section']);
    expect(linksLead({ ...SOUND, links: [] }, onDocs)).toEqual(['no link to the sister dashboards']);
  });
});

describe('zeros', () => {
  const graph = (defaults: NonNullable<PanelFile['fieldConfig']>['defaults']): DashboardFile =>
    withPanel({ type: 'timeseries', fieldConfig: { defaults: { unit: 'short', ...defaults } } });
  const limit = (value: number) => ({
    mode: 'absolute',
    steps: [
      { value: null, color: 'green' },
      { value, color: 'orange' },
    ],
  });

  test('have an axis with an end', () => {
    expect(zerosLookLikeZeros(graph({}))).toHaveLength(1);
    expect(zerosLookLikeZeros(graph({ max: 1 }))).toEqual([]);
    expect(zerosLookLikeZeros(graph({ custom: { axisSoftMax: 5 } }))).toEqual([]);
  });

  test('leave a limit of few in sight; one of thousands would flatten everything', () => {
    expect(zerosLookLikeZeros(graph({ custom: { axisSoftMax: 5 }, thresholds: limit(1) }))).toEqual([]);
    expect(zerosLookLikeZeros(graph({ custom: { axisSoftMax: 5 }, thresholds: limit(6) }))).toHaveLength(1);
    expect(zerosLookLikeZeros(graph({ custom: { axisSoftMax: 5 }, thresholds: limit(5_000) }))).toEqual([]);
  });

  test('draw no outline along the series that they are stacked on', () => {
    const stacked = (lineWidth: number) => graph({ max: 1, custom: { lineWidth, stacking: { mode: 'normal' } } });
    expect(zerosLookLikeZeros(stacked(1))).toHaveLength(1);
    expect(zerosLookLikeZeros(stacked(0))).toEqual([]);
    expect(zerosLookLikeZeros(graph({ max: 1, custom: { lineWidth: 2, stacking: { mode: 'none' } } }))).toEqual([]);
  });
});

describe('empty cells of tables', () => {
  const dash = { type: 'special', options: { match: 'null+nan' } };
  const words = { type: 'value', options: {} };
  const tableOf = (fieldConfig: PanelFile['fieldConfig']) =>
    withPanel({ type: 'table', ...(fieldConfig && { fieldConfig }) });

  test('have a mark of the table’s own', () => {
    expect(emptyCellsAreMarked(tableOf({ defaults: {} }))).toHaveLength(1);
    expect(emptyCellsAreMarked(tableOf({ defaults: { mappings: [dash] } }))).toEqual([]);
  });

  test('have it in a column with mappings too', () => {
    const column = (...value: object[]) => ({
      defaults: { mappings: [dash] },
      overrides: [{ properties: [{ id: 'mappings', value }] }],
    });
    expect(emptyCellsAreMarked(tableOf(column(words)))).toHaveLength(1);
    expect(emptyCellsAreMarked(tableOf(column(words, dash)))).toEqual([]);
  });
});

describe('links of table cells', () => {
  const linking = (url: string): DashboardFile => ({
    ...withPanel({ fieldConfig: { overrides: [{ properties: [{ id: 'links', value: [{ url }] }] }] } }),
    templating: { list: [{ name: 'seqpulse_url', type: 'textbox' }] },
  });

  test('lead to SeqPulse by a variable that is there', () => {
    expect(cellLinksResolve(linking(`\${seqpulse_url:raw}/ui/deployments/\${__value.raw}`))).toEqual([]);
  });

  test.each([
    ['of another variable', `\${elsewhere:raw}/ui/deployments/\${__value.raw}`],
    ['that would be encoded', `\${seqpulse_url}/ui/deployments/\${__value.raw}`],
    ['to an address that is written down', `http://localhost:8000/ui/deployments/\${__value.raw}`],
    ['with text of a cell that may hold anything', `\${seqpulse_url:raw}/ui/\${__value.text}`],
  ])('one %s is a fault', (_, url) => {
    expect(cellLinksResolve(linking(url))).toEqual([`panel one: cell link ${url}`]);
  });
});
