import { AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { VERDICTS, type VerdictName } from '../../src/verdict/types.ts';
import { COLOURS, VERDICT_COLOURS } from '../kit/colours.ts';
import { POSTGRESQL } from '../kit/datasources.ts';
import { sqlTarget } from '../kit/queries.ts';
import { CHOSEN, STARTED } from '../kpi-lifecycle/sql.ts';

/** More marks than this hide the graphs. */
const MAX_MARKS = 100;
const NAME = `project || ' #' || number || ' to ' || env || coalesce(', ' || version, '')`;

/** From trigger to finish. */
const DEPLOYMENTS = `select
  started_at as time,
  coalesce(finished_at, started_at) as timeend,
  ${NAME} || ': ' || coalesce(verdict, state) as text,
  concat_ws(',', project, env) as tags
from kpi.deployments
where ${STARTED}
  and ${CHOSEN}
order by started_at desc
limit ${MAX_MARKS}`;

/** When they were given: the newest of a kind are read by an index, the others not at all. */
const verdicts = (verdict: VerdictName) => `select
  analyzed_at as time,
  ${NAME} || ': ' || summary as text,
  concat_ws(',', project, env, verdict) as tags
from kpi.deployments
where $__timeFilter(judged_at)
  and ${CHOSEN}
  and verdict = '${verdict}'
order by judged_at desc
limit ${MAX_MARKS}`;

const TITLES: Readonly<Record<VerdictName, string>> = {
  ok: 'Verdict: ok',
  attention: 'Verdict: attention',
  rollback_recommended: 'Verdict: rollback recommended',
  insufficient_data: 'Verdict: insufficient data',
};

/** Marks over all graphs: each deployment from trigger to finish, and its verdict when it was given, in its colour. */
export const deploymentAnnotations = [
  new AnnotationQueryBuilder()
    .name('Deployments')
    .datasource(POSTGRESQL)
    .enable(true)
    .iconColor(COLOURS.neutral)
    .target(sqlTarget(DEPLOYMENTS, POSTGRESQL)),
  ...VERDICTS.map((verdict) =>
    new AnnotationQueryBuilder()
      .name(TITLES[verdict])
      .datasource(POSTGRESQL)
      .enable(true)
      .iconColor(VERDICT_COLOURS[verdict])
      .target(sqlTarget(verdicts(verdict), POSTGRESQL)),
  ),
];
