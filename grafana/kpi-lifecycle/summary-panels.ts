import { COLOURS } from '../kit/colours.ts';
import type { PanelSpec, SqlQuery } from '../kit/panel-spec.ts';
import { badAbove, badBelow, type Thresholds } from '../kit/thresholds.ts';
import {
  ALARM_PRECISION_OF_HOURS,
  ALARMS_MARKED_OF_HOURS,
  FAILURE_RATE_OF_HOURS,
  fromHours,
  ofJudged,
  percentile,
} from './sql.ts';
import { KPI_TARGETS } from './targets.ts';

function tile(
  sql: string,
  spec: Omit<PanelSpec, 'width' | 'height' | 'queries' | 'visual'> & {
    readonly thresholds?: Thresholds;
    readonly width?: number;
  },
): PanelSpec {
  const query: SqlQuery = { sql, format: 'table' };
  return { width: 6, height: 4, queries: [query], visual: { kind: 'stat' }, ...spec };
}

const NO_DEPLOYMENT = 'No deployment';

const ALARM_TILE = fromHours(
  `case when ${ALARMS_MARKED_OF_HOURS} >= ${KPI_TARGETS.leastMarks} then ${ALARM_PRECISION_OF_HOURS} end as "correct",
  ${ALARMS_MARKED_OF_HOURS} as "alarms marked"`,
);

export const kpiSummaryPanels: readonly PanelSpec[] = [
  tile(
    `select
  avg(within_72h::integer)::float8 as project_to_first_verdict_72h
from kpi.project_first_verdicts
where created_at <= $__timeTo()
  and project in ($project)`,
    {
      id: 1,
      title: 'First Verdict within 72 h',
      unit: 'percentunit',
      decimals: 0,
      thresholds: badBelow(KPI_TARGETS.firstVerdictWithin72h.good, KPI_TARGETS.firstVerdictWithin72h.poor),
      noValue: 'No project yet',
      read: '`project_to_first_verdict_72h`: of all projects created up to the end of the range, the share whose first verdict came within 72 hours. Projects younger than that and still without one are left out. A fall means that new teams get stuck in the set-up.',
      empty:
        'No project has a verdict, and none is older than 72 hours. Feed it: create a project, trigger and finish a deployment.',
      check:
        'First Verdict by Week of Creation for when it fell; `GET /projects` for endpoints whose test fails; 409, 422 and 423 in Responses by Status of Operations.',
    },
  ),
  tile(
    fromHours(
      'coalesce(sum(deployments), 0)::float8 / greatest(1, extract(epoch from $__timeTo()::timestamptz - $__timeFrom()::timestamptz) / 86400)::float8 as deployments_per_day',
    ),
    {
      id: 2,
      title: 'Deployments per Day (mean)',
      unit: 'short',
      decimals: 1,
      read: 'Deployments started in the range, divided by its days (weekends too). A rise is adoption or smaller steps; a fall to zero is a broken CI integration.',
      empty: 'Never empty: without deployments it is 0. Feed it: `POST /deployments/trigger`.',
      check:
        'Deployments per Day below for when it fell, Projects for which project; then the CI logs of that project (401: its key).',
    },
  ),
  tile(fromHours(`${FAILURE_RATE_OF_HOURS} as change_failure_rate`), {
    id: 3,
    title: 'Change Failure Rate',
    unit: 'percentunit',
    decimals: 1,
    thresholds: badAbove(KPI_TARGETS.changeFailureRate.warning, KPI_TARGETS.changeFailureRate.critical),
    noValue: 'No verdict',
    read: 'Share of `rollback_recommended` among the verdicts that say something (`ok`, `attention`, `rollback_recommended`). A rise means that more deployments make things worse, or that the traffic has changed its shape.',
    empty:
      'No deployment of the range has such a verdict. Feed it: finish a deployment and wait for its window (5 min).',
    check:
      'Rollbacks and Recovery for which deployments, their details for which metric. One project: its releases. All at once: what they share, or the rule.',
  }),
  tile(percentile('seconds_to_verdict', 0.5, 'median'), {
    id: 4,
    title: 'Trigger to Verdict (median)',
    unit: 's',
    decimals: 1,
    thresholds: badAbove(
      KPI_TARGETS.triggerToVerdictMedianSeconds.warning,
      KPI_TARGETS.triggerToVerdictMedianSeconds.critical,
    ),
    noValue: 'No verdict',
    read: 'From the trigger to the stored verdict: the CI run plus the observation window (5, 15 or 30 minutes), plus what is late. A rise is a slower CI or longer windows; only rarely it is us. Exact up to 5,000 verdicts and for chosen projects, else within 1 %.',
    empty: 'No deployment of the range has a verdict. Feed it: finish a deployment and wait for its window (5 min).',
    check:
      'Trigger to Verdict per Day for whether the tail or all of it rose; then the CI’s own times, then Job Start Delay p95 in Operations.',
  }),
  tile(percentile('seconds_to_verdict', 0.95, 'p95'), {
    id: 5,
    title: 'Trigger to Verdict (p95)',
    unit: 's',
    decimals: 1,
    thresholds: badAbove(
      KPI_TARGETS.triggerToVerdictP95Seconds.warning,
      KPI_TARGETS.triggerToVerdictP95Seconds.critical,
    ),
    noValue: 'No verdict',
    read: '95 of 100 verdicts came faster. Far over the median: some collects need all their tries (450 s), or some CI runs take hours. Exact up to 5,000 verdicts and for chosen projects, else within 1 %.',
    empty: 'No deployment of the range has a verdict. Feed it: finish a deployment and wait for its window (5 min).',
    check: 'Complete Samples: applications that fail cost tries. Given-up Jobs says which.',
  }),
  tile(fromHours(`${ofJudged('complete')} as complete_samples`, '', 'sample_hours'), {
    id: 6,
    title: 'Deployments with Complete Samples',
    unit: 'percentunit',
    decimals: 1,
    thresholds: badBelow(KPI_TARGETS.completeSamples.good, KPI_TARGETS.completeSamples.poor),
    noValue: 'No verdict',
    read: 'Share of the judged deployments with every sample that was asked for, before and after. Missing ones lower the confidence of a verdict. A CI run faster than 20 s gives up its last pre samples, which is no fault.',
    empty:
      'Samples are kept for SEQPULSE_RETENTION_DAYS (90): older deployments are left out. Feed it: finish a deployment and wait for its window (5 min).',
    check:
      'Complete Samples per Day says which phase lacks them; `post`: Given-up Jobs for the reasons; `pre` alone: a very fast CI.',
  }),
  tile(percentile('seconds_to_recover', 0.5, 'recovery'), {
    id: 7,
    title: 'Recovery Time (median)',
    unit: 's',
    decimals: 1,
    thresholds: badAbove(KPI_TARGETS.recoverySeconds.warning, KPI_TARGETS.recoverySeconds.critical),
    noValue: 'No recovery',
    read: 'Recovery after a rollback verdict: from a `rollback_recommended` to the next `ok` in the same project and environment; further rollbacks in between count as one. A rise means that teams don’t roll back, or don’t deploy the repair through CI. Exact up to 5,000 recoveries and for chosen projects, else within 1 %.',
    empty:
      'No rollback verdict in the range has been followed by an ok: the best of all reasons, or the environment is still broken (see Rollbacks and Recovery). Feed it: after a bad deployment deploy a good one.',
    check: 'Rollbacks and Recovery: rows without a recovery are broken now. Ask their teams whether they know.',
  }),
  tile(fromHours('sum(abandoned)::float8 / nullif(sum(deployments), 0) as abandoned'), {
    id: 8,
    title: 'Abandoned Deployments',
    unit: 'percentunit',
    decimals: 1,
    thresholds: badAbove(KPI_TARGETS.abandonedShare.warning, KPI_TARGETS.abandonedShare.critical),
    noValue: NO_DEPLOYMENT,
    read: 'Share of the deployments that were triggered and never finished: CI died, or its last step does not run after a failure. Each blocks its environment until the finish deadline (120 min).',
    empty: 'No deployment in the range. Feed it: `POST /deployments/trigger`.',
    check:
      'Abandoned per Day and Projects for whose; in their CI the finish step must run always, also after a failed step.',
  }),
  tile(ALARM_TILE, {
    id: 9,
    width: 12,
    title: 'Alarm Precision',
    unit: 'percentunit',
    decimals: 0,
    thresholds: badBelow(KPI_TARGETS.alarmPrecision.good, KPI_TARGETS.alarmPrecision.poor),
    noValue: `Fewer than ${KPI_TARGETS.leastMarks} marks`,
    looks: [{ name: 'alarms marked', unit: 'short', colour: COLOURS.unknown }],
    read: `Of the \`attention\` and \`rollback_recommended\` verdicts that people marked, the share they called correct. A fall means that SeqPulse cries wolf, and that teams will stop to listen. Beside it how many there are; it is worked out from ${KPI_TARGETS.leastMarks} on, for one mark would make it 0 or 100 %.`,
    empty:
      'Nobody marked an alarm of the range, or fewer than five. Feed it: `POST /deployments/{id}/feedback` with `{"correct":true}` or `false`.',
    check:
      'Precision by Project for whose; `GET /projects/{id}/aa-check` says which limit is too tight there, `POST /deployments/{id}/rejudge` what another one would have said.',
  }),
  tile(
    fromHours(
      'coalesce(sum(marked), 0)::float8 / nullif(sum(ok + attention + rollback_recommended + insufficient_data), 0) as marked',
    ),
    {
      id: 10,
      width: 12,
      title: 'Verdicts Marked',
      unit: 'percentunit',
      decimals: 1,
      noValue: 'No verdict',
      read: 'Share of the verdicts that somebody marked as correct or not. The precision beside it rests on these alone: a fall means that it says less. There is no goal; marking every alarm is enough.',
      empty: 'No deployment of the range has a verdict. Feed it: finish a deployment and wait for its window (5 min).',
      check:
        'Precision by Project for who marks and who does not; a CI step or a chat button that sends it makes it easy.',
    },
  ),
];
