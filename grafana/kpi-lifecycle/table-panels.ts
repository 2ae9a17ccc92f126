import type { FieldLook, PanelSpec, SqlQuery } from '../kit/panel-spec.ts';
import { badAbove, badBelow } from '../kit/thresholds.ts';
import { ALARM_PRECISION, ALARMS_MARKED, byProject, CHOSEN, FAILURE_RATE, FAULT_RECALL, median } from './sql.ts';
import { KPI_TARGETS } from './targets.ts';

const table = (sql: string): SqlQuery => ({ sql, format: 'table' });
const time = (name: string): FieldLook => ({ name, unit: 'dateTimeAsIso', width: 170 });
/** A screen; a table is a place to start from, not an export. */
const MAX_ROWS = 100;

const { recoverySeconds, changeFailureRate, abandonedShare, alarmPrecision } = KPI_TARGETS;

export const kpiTablePanels: readonly PanelSpec[] = [
  {
    id: 27,
    title: 'Given-up Jobs',
    width: 24,
    height: 8,
    unit: 'short',
    queries: [
      table(`select
  failed_at as "given up",
  project,
  env,
  number as "#",
  job_type as job,
  reason
from kpi.job_failures
where $__timeFilter(failed_at)
  and ${CHOSEN}
order by failed_at desc
limit ${MAX_ROWS}`),
    ],
    looks: [
      time('given up'),
      { name: 'project', width: 110 },
      { name: 'env', width: 70 },
      { name: '#', width: 60 },
      { name: 'job', width: 110 },
    ],
    noValue: 'Nothing was given up',
    visual: { kind: 'table', sortBy: { column: 'given up', descending: true } },
    read: 'Jobs that gave up for good, newest first, with the reason as the last try met it. Each is a sample that its verdict lacks.',
    empty:
      'Nothing was given up in the range: good. Records are kept for SEQPULSE_RETENTION_DAYS (90). Feed it: a deployment whose application answers 500.',
    check:
      'One project: its application or its endpoint. Many with `timeout`: our network, DNS. `refused the signature`: its HMAC secret.',
    alerts: ['SeqPulseSchedulerJobsFailed'],
  },
  {
    id: 28,
    title: 'Rollbacks and Recovery',
    width: 24,
    height: 9,
    unit: 'short',
    queries: [
      table(`select
  broken_at as "broken",
  project,
  env,
  number as "#",
  coalesce(seconds_to_recover, extract(epoch from now() - broken_at)) as "broken for",
  case when recovered_at is null then 'still broken' else 'by #' || recovered_by_number end as recovered,
  summary
from kpi.recoveries
where $__timeFilter(broken_at)
  and ${CHOSEN}
order by broken_at desc
limit ${MAX_ROWS}`),
    ],
    looks: [
      time('broken'),
      { name: 'project', width: 130 },
      { name: 'env', width: 90 },
      { name: '#', width: 70 },
      {
        name: 'broken for',
        unit: 's',
        decimals: 1,
        width: 120,
        thresholds: badAbove(recoverySeconds.warning, recoverySeconds.critical),
        colouredCell: true,
      },
      { name: 'recovered', width: 120, values: { 'still broken': { colour: 'red' } }, colouredCell: true },
    ],
    noValue: 'No rollback was recommended',
    visual: { kind: 'table', sortBy: { column: 'broken', descending: true } },
    read: 'Every time an environment broke (`rollback_recommended`), and the deployment whose `ok` ended it. Rollbacks in between belong to the same row.',
    empty:
      'No rollback was recommended in the range: good. Feed it: deploy something slow and faulty, as `npm run demo` does.',
    check: '“still broken”: does that team know? `GET /deployments/{id}` has the verdict’s details.',
  },
  {
    id: 29,
    title: 'Projects',
    width: 24,
    height: 9,
    unit: 'short',
    queries: [
      table(
        byProject(
          'busiest_deployments',
          MAX_ROWS,
          `count(*) as deployments,
  max(started_at) as "last deployment",
  ${FAILURE_RATE} as "failure rate",
  count(*) filter (where verdict = 'attention') as attention,
  count(*) filter (where verdict = 'insufficient_data') as "no data",
  avg(abandoned::integer)::float8 as abandoned,
  ${median('seconds_to_verdict')} as "to verdict",
  avg(confidence) filter (where verdict <> 'insufficient_data') as confidence`,
          'order by deployments desc, project, env',
        ),
      ),
    ],
    looks: [
      time('last deployment'),
      {
        name: 'failure rate',
        unit: 'percentunit',
        decimals: 1,
        width: 120,
        thresholds: badAbove(changeFailureRate.warning, changeFailureRate.critical),
        colouredCell: true,
      },
      {
        name: 'abandoned',
        unit: 'percentunit',
        decimals: 1,
        width: 120,
        thresholds: badAbove(abandonedShare.warning, abandonedShare.critical),
        colouredCell: true,
      },
      { name: 'to verdict', unit: 's', decimals: 1, width: 120 },
      { name: 'confidence', unit: 'percentunit', decimals: 0, width: 120 },
      { name: 'env', width: 100 },
      { name: 'deployments', width: 130 },
      { name: '/attention|no data/', width: 110 },
    ],
    noValue: 'No deployment',
    visual: { kind: 'table', sortBy: { column: 'deployments', descending: true } },
    read: 'The KPIs by project and environment, most deployments first. Start here when a number above moved: as a rule it is one row.',
    empty: 'No deployment in the range, or none for the chosen project and env. Feed it: `POST /deployments/trigger`.',
    check: 'A project that is missing has not deployed in the range: its CI, its key, its endpoint (`GET /projects`).',
  },
  {
    id: 30,
    title: 'Precision by Project',
    width: 24,
    height: 8,
    unit: 'short',
    queries: [
      table(
        byProject(
          'busiest_feedback',
          null,
          `${ALARM_PRECISION} as precision,
  ${FAULT_RECALL} as recall,
  ${ALARMS_MARKED} as "alarms marked",
  count(*) filter (where verdict in ('attention', 'rollback_recommended') and not correct) as "false alarms",
  count(*) filter (where verdict = 'ok' and not correct) as "missed faults",
  count(*) as marked,
  max(given_at) as "last word"`,
          `order by precision nulls last, marked desc, project, env
limit ${MAX_ROWS}`,
        ),
      ),
    ],
    looks: [
      time('last word'),
      {
        name: 'precision',
        unit: 'percentunit',
        decimals: 0,
        width: 120,
        thresholds: badBelow(alarmPrecision.good, alarmPrecision.poor),
        colouredCell: true,
      },
      { name: 'recall', unit: 'percentunit', decimals: 0, width: 120 },
      { name: 'env', width: 100 },
      { name: '/alarms marked|false alarms|missed faults|marked/', width: 130 },
    ],
    noValue: 'No verdict was marked',
    visual: { kind: 'table', sortBy: { column: 'precision', descending: false } },
    read: 'What people said of the verdicts by project and environment, the least precise first. False alarms are alarms marked as wrong, missed faults `ok` verdicts marked as wrong; recall is the share of the known faults that had raised an alarm. Hardly anybody marks an `ok`, so that it flatters.',
    empty: 'Nobody marked a verdict of the range. Feed it: `POST /deployments/{id}/feedback` with `{"correct":true}`.',
    check:
      'False alarms: `GET /projects/{id}/aa-check`, then the limit it names, or that `proposed_limits` of `GET /projects/{id}` proposes (`PATCH /projects/{id}`). Missed faults: Verdicts Marked Wrong, and a stricter limit.',
  },
  {
    id: 31,
    title: 'Verdicts Marked Wrong',
    width: 24,
    height: 8,
    unit: 'short',
    queries: [
      table(`select
  given_at as "marked",
  project,
  env,
  number as "#",
  verdict,
  confidence,
  coalesce(note, '') as note,
  summary
from (
  select marks.*
  from (values (null::text, null::text)) as every (project, env)
  cross join kpi.newest_marked_wrong($__timeFrom(), $__timeTo(), array[$project], array[$env], ${MAX_ROWS}) as marks
) as newest
order by given_at desc, project, env, number`),
    ],
    looks: [
      time('marked'),
      { name: 'project', width: 130 },
      { name: 'env', width: 90 },
      { name: '#', width: 70 },
      { name: 'verdict', width: 190 },
      { name: 'confidence', unit: 'percentunit', decimals: 0, width: 110 },
      { name: 'note', width: 260 },
    ],
    noValue: 'No verdict was marked wrong',
    visual: { kind: 'table', sortBy: { column: 'marked', descending: true } },
    read: 'Verdicts that people called wrong, newest first, with their note and what the verdict had said. A high confidence here is the worst kind of wrong.',
    empty:
      'No verdict of the range was marked wrong: good, or nobody marks (see Verdicts Marked). Feed it: `POST /deployments/{id}/feedback` with `{"correct":false}`.',
    check:
      '`POST /deployments/{id}/rejudge` with other limits says which would have been right; if none would, it is the rule (docs/verdict.md, Where it errs).',
  },
];
