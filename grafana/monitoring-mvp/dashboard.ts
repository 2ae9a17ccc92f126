import { DASHBOARDS } from '../../prometheus/alert-catalog.ts';
import type { DashboardSpec } from '../kit/dashboard.ts';
import { PROMETHEUS } from '../kit/datasources.ts';
import { monitoringMvpPanels } from './panels.ts';

export const monitoringMvp: DashboardSpec = {
  uid: DASHBOARDS.monitoringMvp,
  title: 'SEQPULSE - Monitoring MVP',
  name: 'Monitoring MVP',
  description:
    'Is SeqPulse answering, collecting and judging? Seven panels, over all installations that Prometheus sees.',
  pictureData:
    'a running service with ten made-up applications that were deployed to again and again, some of them badly',
  refresh: '30s',
  from: 'now-6h',
  timezone: 'browser',
  datasource: PROMETHEUS,
  variables: [],
  annotations: [],
  rows: [{ title: null, panels: monitoringMvpPanels }],
};
