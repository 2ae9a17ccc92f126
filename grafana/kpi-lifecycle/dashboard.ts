import { DASHBOARDS } from '../../prometheus/alert-catalog.ts';
import type { DashboardSpec } from '../kit/dashboard.ts';
import { POSTGRESQL } from '../kit/datasources.ts';
import { projectAndEnv } from '../kit/sql-variable.ts';
import { doraPanels } from './dora-panels.ts';
import { kpiSummaryPanels } from './summary-panels.ts';
import { kpiTablePanels } from './table-panels.ts';
import { kpiTrendPanels } from './trend-panels.ts';

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
  variables: projectAndEnv(),
  annotations: [],
  rows: [
    { title: null, panels: kpiSummaryPanels },
    { title: 'DORA', panels: doraPanels },
    { title: 'Trends', panels: kpiTrendPanels },
    { title: 'Where to look', panels: kpiTablePanels },
  ],
};
