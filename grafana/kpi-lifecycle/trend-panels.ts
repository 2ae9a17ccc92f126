import { VERDICTS } from '../../src/verdict/types.ts';
import { verdictLooks } from '../kit/colours.ts';
import type { PanelSpec, SqlQuery } from '../kit/panel-spec.ts';
import { badAbove, badBelow } from '../kit/thresholds.ts';
import {
  FAILURE_RATE_OF_HOURS,
  fromHours,
  ofJudged,
  trendOfCounts,
  trendOfPercentiles,
  trendOfShares,
  weekOf,
} from './sql.ts';
import { KPI_TARGETS } from './targets.ts';

/** A column each, in the order of the contract, so that legend and stack never change places. */
const VERDICT_COUNTS = VERDICTS.map((name) => `sum(${name}) as "${name}"`).join(',\n  ');

const series = (sql: string): SqlQuery => ({ sql, format: 'time_series' });

export const kpiTrendPanels: readonly PanelSpec[] = [
  {
    id: 20,
    title: 'Deployments per Day',
    width: 12,
    height: 8,
    unit: 'short',
    decimals: 0,
    queries: [series(trendOfCounts('sum(deployments) as deployments', { by: 'env', where: 'deployments > 0' }))],
    visual: { kind: 'timeseries', draw: 'bars', stacked: true, legendCalcs: ['sum', 'mean'] },
    read: 'Deployments by the UTC day of their trigger and by environment; by the hour in a range of less than two days. Weekends dip; a project’s CI that broke is a step down.',
    empty: 'No deployment in the range, or none for the chosen project and env. Feed it: `POST /deployments/trigger`.',
    check:
      'Projects for which project stopped, then its CI logs; HTTP Requests/s by Route in Operations for 401 and 429.',
  },
  {
    id: 21,
    title: 'Verdict Mix per Day',
    width: 12,
    height: 8,
    unit: 'short',
    decimals: 0,
    queries: [series(trendOfCounts(VERDICT_COUNTS, { where: `${VERDICTS.join(' + ')} > 0` }))],
    looks: verdictLooks,
    visual: { kind: 'timeseries', draw: 'bars', stacked: true, legendCalcs: ['sum', 'mean'] },
    read: 'What the deployments of each day were judged to be; of each hour in a range of less than two days. Red is a release that made things worse, grey could not be judged.',
    empty: 'No deployment of the range has a verdict. Feed it: finish a deployment and wait for its window (5 min).',
    check: 'Red: Rollbacks and Recovery. Grey: Given-up Jobs, and Complete Samples per Day.',
  },
  {
    id: 22,
    title: 'Change Failure Rate per Week',
    width: 12,
    height: 8,
    unit: 'percentunit',
    min: 0,
    queries: [
      series(
        fromHours(
          `${weekOf('hour')} as time,
  env as metric,
  ${FAILURE_RATE_OF_HOURS} as change_failure_rate`,
          'group by 1, 2\norder by 1, 2',
        ),
      ),
    ],
    thresholds: badAbove(KPI_TARGETS.changeFailureRate.warning, KPI_TARGETS.changeFailureRate.critical),
    visual: { kind: 'timeseries', draw: 'line', connectGaps: true, legendCalcs: ['lastNotNull', 'mean', 'max'] },
    read: 'The share of `rollback_recommended` among rated verdicts by week (from Monday, UTC) and environment. staging above prod is what staging is for.',
    empty:
      'No rated verdict in the range, and a range of less than a week shows one point or two. Feed it: finish a deployment and wait for its window (5 min).',
    check: 'Rollbacks and Recovery for that week: one project, or all?',
  },
  {
    id: 23,
    title: 'Trigger to Verdict per Day',
    width: 12,
    height: 8,
    unit: 's',
    min: 0,
    queries: [series(trendOfPercentiles('seconds_to_verdict', { median: 0.5, p95: 0.95 }))],
    thresholds: badAbove(
      KPI_TARGETS.triggerToVerdictMedianSeconds.warning,
      KPI_TARGETS.triggerToVerdictMedianSeconds.critical,
    ),
    visual: { kind: 'timeseries', draw: 'line', connectGaps: true, legendCalcs: ['lastNotNull', 'mean', 'max'] },
    read: 'Median and 95th percentile by the day of the trigger. Both up: CI or windows got longer. p95 alone: retries of some applications, or a few long CI runs. The lines are the goals of the median. Exact up to 5,000 verdicts and for chosen projects, else within 1 %.',
    empty: 'No deployment of the range has a verdict. Feed it: finish a deployment and wait for its window (5 min).',
    check: 'Job Start Delay p95 in Operations excludes us; then the CI’s own times.',
  },
  {
    id: 24,
    title: 'Complete Samples per Day',
    width: 8,
    height: 8,
    unit: 'percentunit',
    min: 0,
    max: 1,
    queries: [
      series(
        trendOfShares(
          `${ofJudged('pre_complete')} as "before",\n  ${ofJudged('post_complete')} as "after",\n  ${ofJudged('complete')} as "both"`,
          'sample_hours',
        ),
      ),
    ],
    thresholds: badBelow(KPI_TARGETS.completeSamples.good, KPI_TARGETS.completeSamples.poor),
    visual: { kind: 'timeseries', draw: 'line', connectGaps: true, legendCalcs: ['lastNotNull', 'mean'] },
    read: 'Share of the judged deployments with all samples before, after and both. A deployment that a newer one superseded lacks its last samples by design.',
    empty:
      'Samples are kept for SEQPULSE_RETENTION_DAYS (90): older days stay empty. Feed it: finish a deployment and wait for its window (5 min).',
    check: '“after” falls: Given-up Jobs. “before” alone: a CI run shorter than 20 s.',
  },
  {
    id: 25,
    title: 'First Verdict by Week of Creation',
    width: 8,
    height: 8,
    unit: 'percentunit',
    min: 0,
    max: 1,
    queries: [
      series(`select
  ${weekOf('created_at')} as time,
  avg(within_72h::integer)::float8 as "within 72 h"
from kpi.project_first_verdicts
where $__timeFilter(created_at)
  and project in ($project)
  and within_72h is not null
group by 1
order by 1`),
    ],
    thresholds: badBelow(KPI_TARGETS.firstVerdictWithin72h.good, KPI_TARGETS.firstVerdictWithin72h.poor),
    visual: { kind: 'timeseries', draw: 'line', connectGaps: true, legendCalcs: ['lastNotNull', 'mean'] },
    read: '`project_to_first_verdict_72h` by the week in which a project was created: whether the set-up has become easier or harder. Weeks with few projects jump.',
    empty:
      'No project was created within the range, or all of them are younger than 72 hours and still without a verdict. Feed it: a longer range.',
    check: 'The projects of that week (`GET /projects`): is their endpoint active, has their CI a key?',
  },
  {
    id: 26,
    title: 'Abandoned per Day',
    width: 8,
    height: 8,
    unit: 'short',
    decimals: 0,
    queries: [series(trendOfCounts('sum(abandoned) as abandoned', { by: 'env', where: 'abandoned > 0' }))],
    visual: { kind: 'timeseries', draw: 'bars', stacked: true, legendCalcs: ['sum'] },
    read: 'Deployments triggered and never finished, by environment. A single one is a cancelled CI run; a row of them is a CI without a finish step.',
    empty:
      'Nothing was abandoned in the range: good. Feed it: trigger without finishing and wait for the deadline (120 min).',
    check:
      'Projects, column abandoned, for whose; in their CI the finish step must run always, with `result: failed` after a failure.',
  },
];
