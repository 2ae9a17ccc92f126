import { DASHBOARDS } from '../../prometheus/alert-catalog.ts';
import type { DashboardSpec } from '../kit/dashboard.ts';
import { POSTGRESQL } from '../kit/datasources.ts';
import { projectAndEnv } from '../kit/sql-variable.ts';
import { deploymentAnnotations } from './annotations.ts';
import { numberPanels } from './number-panels.ts';
import { statePanels } from './state-panels.ts';
import { deploymentTables } from './table-panels.ts';

export const deployments: DashboardSpec = {
  uid: DASHBOARDS.deployments,
  title: 'SEQPULSE - Deployments',
  name: 'Deployments',
  description:
    'One observed application: its five numbers before and after each deployment, and what was said of them. Choose a project and an environment.',
  pictureData: 'one project’s production in a generated history (bench/history)',
  refresh: '1m',
  from: 'now-24h',
  timezone: 'browser',
  datasource: POSTGRESQL,
  variables: projectAndEnv(),
  annotations: deploymentAnnotations,
  linksReports: true,
  rows: [
    { title: null, panels: statePanels },
    { title: 'Its five numbers', panels: numberPanels },
    { title: 'Its deployments', panels: deploymentTables },
  ],
};
