import { METRICS, type MetricName } from '../../src/verdict/types.ts';
import { COLOURS, VERDICT_COLOURS } from '../kit/colours.ts';
import { REPORT_URL } from '../kit/links.ts';
import type { FieldLook, PanelSpec, SqlQuery } from '../kit/panel-spec.ts';
import { CHOSEN, median, STARTED } from '../kpi-lifecycle/sql.ts';

const table = (sql: string): SqlQuery => ({ sql, format: 'table' });
/** A screen; a table is a place to start from, not an export. */
const MAX_ROWS = 100;

const VERDICT_CELLS: FieldLook = {
  name: 'verdict',
  width: 170,
  colouredCell: true,
  values: {
    ...Object.fromEntries(Object.entries(VERDICT_COLOURS).map(([verdict, colour]) => [verdict, { colour }])),
    running: { colour: COLOURS.second },
    finished: { text: 'observed', colour: COLOURS.second },
    abandoned: { colour: COLOURS.unknown },
  },
};
const REPORT_CELLS: FieldLook = {
  name: 'report',
  width: 80,
  link: { text: 'open', title: 'Report', url: REPORT_URL },
};
const STARTED_CELLS: FieldLook = { name: 'started', unit: 'dateTimeAsIso', width: 160 };
const WHICH: readonly FieldLook[] = [
  STARTED_CELLS,
  { name: 'project', width: 120 },
  { name: 'env', width: 80 },
  { name: '#', width: 60 },
];

const SHORT: Readonly<Record<MetricName, { readonly name: string; readonly unit: string; readonly decimals: number }>> =
  {
    error_rate: { name: 'err', unit: 'percentunit', decimals: 2 },
    latency_p95: { name: 'p95', unit: 'ms', decimals: 0 },
    requests_per_sec: { name: 'req', unit: 'reqps', decimals: 1 },
    cpu_usage: { name: 'CPU', unit: 'percentunit', decimals: 0 },
    memory_usage: { name: 'RAM', unit: 'percentunit', decimals: 0 },
  };

const MEDIANS = METRICS.flatMap((metric) =>
  (['before', 'after'] as const).map(
    (phase) => `${median(metric)} filter (where phase = '${phase}') as "${SHORT[metric].name} ${phase}"`,
  ),
);

export const deploymentTables: readonly PanelSpec[] = [
  {
    id: 20,
    title: 'Deployments and Verdicts',
    width: 24,
    height: 10,
    unit: 'short',
    queries: [
      table(`select
  d.started_at as "started",
  d.project,
  d.env,
  d.number as "#",
  coalesce(d.version, left(d.commit_sha, 12), d.branch, '–') as version,
  coalesce(d.verdict, d.state) as verdict,
  d.confidence,
  case f.correct when true then 'right' when false then 'wrong' else '–' end as marked,
  d.deployment_id::text as report,
  coalesce(d.summary, '–') as summary
from (select * from kpi.deployments where ${STARTED} and ${CHOSEN} order by started_at desc, deployment_id desc limit ${MAX_ROWS}) d
left join kpi.feedback f on f.deployment_id = d.deployment_id
order by d.started_at desc, d.deployment_id desc`),
    ],
    looks: [
      ...WHICH,
      { name: 'version', width: 130 },
      VERDICT_CELLS,
      { name: 'confidence', unit: 'percentunit', decimals: 0, width: 110 },
      {
        name: 'marked',
        width: 90,
        values: { wrong: { colour: COLOURS.bad }, right: { colour: COLOURS.good }, '–': { colour: COLOURS.unknown } },
        colouredCell: true,
      },
      REPORT_CELLS,
    ],
    noValue: 'No deployment',
    visual: { kind: 'table', sortBy: { column: 'started', descending: true } },
    read: 'The deployments of the range, newest first, with what SeqPulse said of them and what people said of that. *open* leads to the report, at the address in the field *SeqPulse* above (SEQPULSE_PUBLIC_URL).',
    empty:
      'No deployment in the range, or none for the chosen project and env. Feed it: `POST /deployments/trigger`; a longer range.',
    check: 'The report: each metric with its limit, what else may explain it, and what to look at first.',
  },
  {
    id: 21,
    title: 'Before and After',
    width: 24,
    height: 10,
    unit: 'short',
    queries: [
      table(`select
  d.started_at as "started",
  d.project || ' ' || d.env || ' #' || d.number as deployment,
  coalesce(d.verdict, d.state) as verdict,
  m.*
from (select * from kpi.deployments where ${STARTED} and ${CHOSEN} order by started_at desc, deployment_id desc limit ${MAX_ROWS}) d
cross join lateral (
  select
    ${MEDIANS.join(',\n    ')}
  from kpi.deployment_samples s
  where s.deployment_id = d.deployment_id
) m
order by d.started_at desc, d.deployment_id desc`),
    ],
    looks: [
      STARTED_CELLS,
      VERDICT_CELLS,
      ...METRICS.map(
        (metric): FieldLook => ({
          name: `/^${SHORT[metric].name} (before|after)$/`,
          unit: SHORT[metric].unit,
          decimals: SHORT[metric].decimals,
          width: 92,
        }),
      ),
    ],
    noValue: 'No deployment',
    visual: { kind: 'table', sortBy: { column: 'started', descending: true } },
    read: 'The five numbers of each deployment: medians of the readings that its verdict is based on, before it and after it. A verdict leaves single readings out (late, too close to another), so that its own figures can differ a little.',
    empty:
      'No deployment in the range. A number is missing where the application does not serve it, or its samples are older than SEQPULSE_RETENTION_DAYS (90). Feed it: finish a deployment and wait for its window (5 min).',
    check: 'Its report for whether a difference is more than chance: this table does not say.',
  },
];
