import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { catalog } from '../../otel/catalog/catalog.ts';
import { DASHBOARDS } from '../../prometheus/alert-catalog.ts';
import { ENVIRONMENT_LABEL, SELECTORS } from '../../prometheus/limits.ts';
import type { DashboardSpec } from '../kit/dashboard.ts';
import { PROMETHEUS, PROMETHEUS_VARIABLE } from '../kit/datasources.ts';
import { alertPanels } from './alert-panel.ts';
import { analysisPanels } from './analysis-panels.ts';
import { operationsAnnotations } from './annotations.ts';
import { httpPanels } from './http-panels.ts';
import { runtimePanels } from './runtime-panels.ts';
import { schedulerPanels } from './scheduler-panels.ts';
import { summaryPanels } from './summary-panels.ts';

/** Of a metric that a running service always has, whether it is scraped or pushed. */
function labelVariable(name: string, label: string, more: readonly string[]): QueryVariableBuilder {
  const selector = `${catalog.processStartTime.name}{${[SELECTORS.job, ...more].join(', ')}}`;
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(PROMETHEUS_VARIABLE)
    .query({ query: `label_values(${selector}, ${name})`, refId: `Variable-${name}` })
    .definition(`label_values(${selector}, ${name})`)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ text: ['All'], value: ['$__all'] });
}

export const operations: DashboardSpec = {
  uid: DASHBOARDS.operations,
  title: 'SEQPULSE - Operations',
  name: 'Operations',
  description: 'For whoever is on call: red, orange and green by the limits of the alerts on top, the detail below.',
  pictureData:
    'a running service with ten made-up applications that were deployed to again and again, some of them badly',
  refresh: '30s',
  from: 'now-6h',
  timezone: 'browser',
  datasource: PROMETHEUS_VARIABLE,
  variables: [
    new DatasourceVariableBuilder('datasource')
      .label('Prometheus')
      .type(PROMETHEUS.type)
      .current({ text: 'Prometheus', value: PROMETHEUS.uid }),
    labelVariable(ENVIRONMENT_LABEL, 'Environment', []),
    labelVariable('instance', 'Instance', [`${ENVIRONMENT_LABEL}=~"$${ENVIRONMENT_LABEL}"`]),
  ],
  annotations: operationsAnnotations,
  rows: [
    { title: null, panels: [...summaryPanels, ...alertPanels] },
    { title: 'HTTP', panels: httpPanels },
    { title: 'Scheduler and observed applications', panels: schedulerPanels },
    { title: 'Verdicts', panels: analysisPanels },
    { title: 'Process', panels: runtimePanels },
  ],
};
