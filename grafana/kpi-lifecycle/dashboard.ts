import { QueryVariableBuilder, VariableRefresh, VariableSort } from '@grafana/grafana-foundation-sdk/dashboard';
import { DASHBOARDS } from '../../prometheus/alert-catalog.ts';
import type { DashboardSpec } from '../kit/dashboard.ts';
import { POSTGRESQL } from '../kit/datasources.ts';
import { doraPanels } from './dora-panels.ts';
import { kpiSummaryPanels } from './summary-panels.ts';
import { kpiTablePanels } from './table-panels.ts';
import { kpiTrendPanels } from './trend-panels.ts';

/**
 * All is the column itself: `project in (project)` is always true, and the planner knows it. A list of ten thousand
 * names would be read and compared for each row, and so would a subselect (measured: a semi join that made a panel over
 * a million deployments five times as slow).
 */
function sqlVariable(name: string, label: string, sql: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(POSTGRESQL)
    .query(sql)
    .definition(sql)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(name)
    .current({ text: ['All'], value: ['$__all'] });
}

export const kpiLifecycle: DashboardSpec = {
  uid: DASHBOARDS.kpiMvpLifecycle,
  title: 'SEQPULSE - KPI MVP Lifecycle',
  name: 'KPI MVP Lifecycle',
  description:
    'How deployments fare, from a project’s first verdict to recovery. From the database; days are UTC days.',
  pictureData: 'a generated history of 45 days (bench/history)',
  refresh: '5m',
  from: 'now-30d',
  timezone: 'utc',
  datasource: POSTGRESQL,
  variables: [
    sqlVariable('project', 'Project', 'select project from kpi.projects order by 1'),
    sqlVariable('env', 'Env', 'select distinct env from kpi.environments where project in ($project) order by 1'),
  ],
  annotations: [],
  rows: [
    { title: null, panels: kpiSummaryPanels },
    { title: 'DORA', panels: doraPanels },
    { title: 'Trends', panels: kpiTrendPanels },
    { title: 'Where to look', panels: kpiTablePanels },
  ],
};
