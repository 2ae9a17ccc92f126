import { AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { catalog } from '../../otel/catalog/catalog.ts';
import { COLOURS } from '../kit/colours.ts';
import { POSTGRESQL, PROMETHEUS_VARIABLE } from '../kit/datasources.ts';
import { sqlTarget } from '../kit/queries.ts';
import { series } from './promql.ts';

/** More marks than this hide the graphs; the newest are what somebody on call looks for. */
const MAX_DEPLOYMENTS = 100;

const OBSERVED_DEPLOYMENTS = `select
  started_at as time,
  coalesce(finished_at, started_at) as timeend,
  project || ' #' || number || ' to ' || env || ': ' || coalesce(verdict, state) as text,
  concat_ws(',', project, env, coalesce(verdict, state)) as tags
from kpi.deployments
where $__timeFilter(started_at)
order by started_at desc
limit ${MAX_DEPLOYMENTS}`;

/** Marks over all graphs: what changed, and what was wrong meanwhile. */
export const operationsAnnotations = [
  new AnnotationQueryBuilder()
    .name('Observed deployments')
    .datasource(POSTGRESQL)
    .enable(true)
    .iconColor(COLOURS.neutral)
    .target(sqlTarget(OBSERVED_DEPLOYMENTS, POSTGRESQL)),
  new AnnotationQueryBuilder()
    .name('Starts of SeqPulse')
    .datasource(PROMETHEUS_VARIABLE)
    .enable(true)
    .iconColor(COLOURS.second)
    .titleFormat('SeqPulse started')
    .textFormat('{{environment}} {{instance}}')
    .useValueForTime(true)
    // Grafana reads the value as the mark's time, in milliseconds.
    .target(
      new DataqueryBuilder()
        .refId('Anno')
        .expr(`${series(catalog.processStartTime)} * 1000`)
        .range(),
    ),
  new AnnotationQueryBuilder()
    .name('Firing alerts')
    .datasource(PROMETHEUS_VARIABLE)
    .enable(true)
    .iconColor(COLOURS.bad)
    .titleFormat('{{alertname}}')
    .textFormat('{{severity}} {{environment}}')
    .tagKeys('alertname,severity,environment')
    .target(
      new DataqueryBuilder()
        .refId('Anno')
        .expr('ALERTS{alertstate="firing", alertname=~"SeqPulse.*", alertname!="SeqPulseWatchdog"}')
        .range(),
    ),
];
