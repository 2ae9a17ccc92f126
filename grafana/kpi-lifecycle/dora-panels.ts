import type { PanelSpec, SqlQuery } from '../kit/panel-spec.ts';
import { badAbove } from '../kit/thresholds.ts';
import { byProject, fromHours, median, percentile } from './sql.ts';
import { KPI_TARGETS } from './targets.ts';

const table = (sql: string): SqlQuery => ({ sql, format: 'table' });

const DAYS = 'greatest(1, extract(epoch from $__timeTo()::timestamptz - $__timeFrom()::timestamptz) / 86400)::float8';
const PER_DAY = `count(*)::float8 / ${DAYS}`;
const FAILURE_RATE = `count(*) filter (where outcome = 'failed')::float8 / nullif(count(outcome), 0)`;
const { changeFailureRate, recoverySeconds, leadTimeSeconds } = KPI_TARGETS;
const tile = { width: 6, height: 4, visual: { kind: 'stat' } } as const;

export const doraPanels: readonly PanelSpec[] = [
  {
    ...tile,
    id: 32,
    title: 'Deployment Frequency',
    unit: 'short',
    decimals: 2,
    queries: [
      table(fromHours(`coalesce(sum(deployments), 0)::float8 / ${DAYS} as "deployments per day"`, '', 'dora_hours')),
    ],
    read: 'Deployments a day that reached their environment: their pipeline ended well, or SeqPulse saw them fail. What was abandoned or cancelled is in Deployments per Day and not here. A fall means larger steps, which fail more often.',
    empty: 'Never empty: without deployments it is 0. Feed it: `POST /deployments/finish` with `"result":"success"`.',
    check: 'DORA by Project for whose fell; then Abandoned Deployments, and the results of their pipelines.',
  },
  {
    ...tile,
    id: 33,
    title: 'Change Failure Rate (DORA)',
    unit: 'percentunit',
    decimals: 1,
    thresholds: badAbove(changeFailureRate.warning, changeFailureRate.critical),
    noValue: 'No verdict',
    queries: [table(fromHours('sum(failed)::float8 / nullif(sum(rated), 0) as "failed"', '', 'dora_hours'))],
    read: 'Share of the deployments that failed, among those of which something is known. As Change Failure Rate, with what people said: an alarm marked as wrong is no failure, an `ok` marked as wrong and an `attention` marked as correct are.',
    empty:
      'No deployment of the range has a verdict that says something. Feed it: finish a deployment and wait for its window (5 min).',
    check: 'DORA by Project for whose; Rollbacks and Recovery for which; Verdicts Marked Wrong for what people turned.',
  },
  {
    ...tile,
    id: 34,
    title: 'Time to Restore (median)',
    unit: 's',
    decimals: 1,
    thresholds: badAbove(recoverySeconds.warning, recoverySeconds.critical),
    noValue: 'Nothing restored',
    queries: [table(percentile('seconds_to_restore', 0.5, '"time to restore"'))],
    read: 'From the finish of the deployment that failed to the finish of the one after which it was well; failures in between belong to it. Incidents that began in the range. A rise means that repairs take longer to deploy, or to find. Exact up to 5,000 incidents and for chosen projects, else within 1 %.',
    empty:
      'Nothing failed in the range, or what failed has not been restored (see DORA by Project, column open). Feed it: after a bad deployment deploy a good one.',
    check:
      'DORA by Project for whose, and Rollbacks and Recovery for which deployments; then how long their pipelines take.',
  },
  {
    ...tile,
    id: 35,
    title: 'Lead Time (median)',
    unit: 's',
    decimals: 1,
    thresholds: badAbove(leadTimeSeconds.warning, leadTimeSeconds.critical),
    noValue: 'No commit time',
    queries: [table(percentile('lead_time_seconds', 0.5, '"lead time"'))],
    read: 'From the commit to the finish of its deployment, where the trigger told the commit’s time. A rise means that changes wait: for review, for tests, for a date. Exact up to 5,000 deployments and for chosen projects, else within 1 %.',
    empty: 'No deployment of the range named its commit’s time. Feed it: `commit_time` in `POST /deployments/trigger`.',
    check: 'DORA by Project for whose; then where a change waits between its commit and its pipeline.',
  },
  {
    id: 36,
    title: 'DORA by Project',
    width: 24,
    height: 9,
    unit: 'short',
    queries: [
      table(
        byProject(
          'busiest_dora_deployments',
          100,
          `count(*) as deployments,
  ${PER_DAY} as "per day",
  ${FAILURE_RATE} as "failure rate",
  count(*) filter (where outcome = 'failed') as failed,
  count(*) filter (where incident_open) as open,
  ${median('seconds_to_restore')} as "time to restore",
  ${median('lead_time_seconds')} as "lead time"`,
          'order by deployments desc, project, env',
        ),
      ),
    ],
    looks: [
      { name: 'env', width: 110 },
      { name: 'deployments', width: 130 },
      { name: 'per day', decimals: 2, width: 110 },
      {
        name: 'failure rate',
        unit: 'percentunit',
        decimals: 1,
        width: 130,
        thresholds: badAbove(changeFailureRate.warning, changeFailureRate.critical),
        colouredCell: true,
      },
      { name: '/^(failed|open)$/', width: 90 },
      {
        name: 'time to restore',
        unit: 's',
        decimals: 1,
        width: 150,
        thresholds: badAbove(recoverySeconds.warning, recoverySeconds.critical),
        colouredCell: true,
      },
      {
        name: 'lead time',
        unit: 's',
        decimals: 1,
        width: 150,
        thresholds: badAbove(leadTimeSeconds.warning, leadTimeSeconds.critical),
        colouredCell: true,
      },
    ],
    noValue: 'No deployment',
    visual: { kind: 'table', sortBy: { column: 'deployments', descending: true } },
    read: 'DORA’s four figures by project and environment, most deployments first; `open` are incidents that nothing has ended yet. The same as `GET /dora`, over the dashboard’s range.',
    empty:
      'No deployment finished in the range, or none for the chosen project and env. Feed it: `POST /deployments/finish`.',
    check:
      'A project that is missing has not deployed in the range. `open`: does that team know? docs/dora.md says what each figure is.',
  },
];
