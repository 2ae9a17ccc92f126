/** What the variables project and env choose; each query is about the deployments of that choice. */
export const CHOSEN = 'project in ($project) and env in ($env)';
/** Started within the dashboard's time range. */
export const STARTED = '$__timeFilter(started_at)';

/** A function beside the views that counts by hour and environment. */
type HourFunction = 'deployment_hours' | 'dora_hours' | 'sample_hours';

/**
 * What the chosen deployments of the range come to, by hour and environment, for what is only counted: of all projects the
 * hours have been added up before. All is the column's own name (kit/sql-variable.ts), here that of a null.
 */
const hoursOf = (counts: HourFunction) => `from (values (null::text)) as every (project)
cross join kpi.${counts}($__timeFrom(), $__timeTo(), array[$project]) as hours
where env in ($env)`;

/** `select columns` of those hours; `more` ends the statement. */
export function fromHours(columns: string, more = '', counts: HourFunction = 'deployment_hours'): string {
  return `select\n  ${columns}\n${hoursOf(counts)}${more === '' ? '' : `\n${more}`}`;
}

/** Columns of the views of which percentiles are told: by the start, the finish, the finish, and the verdict. */
type Duration = 'seconds_to_verdict' | 'lead_time_seconds' | 'seconds_to_restore' | 'seconds_to_recover';

const percentilesOf = (duration: Duration, fractions: readonly number[], step = '') =>
  `from (values (null::text, null::text)) as every (project, env)
cross join kpi.percentiles('${duration}', $__timeFrom(), $__timeTo(), array[$project], array[$env], array[${fractions.join(', ')}]${step}) as told`;

/** One percentile of the range, null where nothing has that duration. */
export function percentile(duration: Duration, fraction: number, name: string): string {
  return `select\n  max(seconds[1]) as ${name}\n${percentilesOf(duration, [fraction])}`;
}

/** Deployments of the range as a view has them, of the chosen environments with the most of them: gathered before. */
type Busiest = 'busiest_deployments' | 'busiest_dora_deployments' | 'busiest_feedback';

/** `columns` by project and environment of the `rows` with the most deployments, or of all where that is null. */
export function byProject(of: Busiest, rows: number | null, columns: string, more: string): string {
  return `select
  project,
  env,
  ${columns}
from (
  select facts.*
  from (values (null::text, null::text)) as every (project, env)
  cross join kpi.${of}($__timeFrom(), $__timeTo(), array[$project], array[$env], ${rows}) as facts
) as busiest
group by project, env
${more}`;
}

/** Seconds of a trend's steps: hours where a day would be one point or none. `$__timeGroup` has one length for all ranges. */
const STEP = `case when $__timeTo()::timestamptz - $__timeFrom()::timestamptz < interval '2 days' then 3600 else 86400 end`;
/** The step's start, or the range's where it began before: a point left of the graph would not be seen. */
const STEP_START = 'greatest(to_timestamp(n * seconds), $__timeFrom())';

/** Percentiles by UTC day, by hour in a range of less than two days; steps without values are left out. */
export function trendOfPercentiles(duration: Duration, named: Readonly<Record<string, number>>): string {
  const columns = Object.keys(named).map((name, index) => `seconds[${index + 1}] as "${name}"`);
  return `select
  greatest(step, $__timeFrom()) as time,
  ${columns.join(',\n  ')}
${percentilesOf(duration, Object.values(named), `, ${STEP}`)}
order by 1`;
}

/** Shares of hours in the same steps; steps without hours are left out. */
export function trendOfShares(columns: string, counts: HourFunction): string {
  return `with step as (select ${STEP} as seconds),
counted as (
  select ${stepOf('hour')} as n,
  ${columns}
  ${hoursOf(counts).replaceAll('\n', '\n  ')}
  group by 1
)
select ${STEP_START} as time, ${columnNames(columns).join(', ')}
from step, counted
order by 1`;
}

/**
 * Counts in the same steps, where nothing is 0: bars are as wide as the points are apart, so none may be missing. `by`: a
 * column whose values are a series each. No rows at all where there is nothing to count.
 */
export function trendOfCounts(
  columns: string,
  { by, where }: { readonly by?: string; readonly where: string },
): string {
  const key = by === undefined ? 'n' : `n, ${by} as metric`;
  const steps = ['$__timeFrom()', '$__timeTo()'].map(
    (end) => `floor(extract(epoch from ${end}::timestamptz) / seconds)`,
  );
  const counts = columnNames(columns).map((name) => `coalesce(${name}, 0) as ${name}`);
  return `with step as (select ${STEP} as seconds),
counted as (
  select ${key.replace(/^n/, `${stepOf('hour')} as n`)},
  ${columns}
  ${hoursOf('deployment_hours').replaceAll('\n', '\n  ')}
    and ${where}
  group by ${by === undefined ? '1' : '1, 2'}
)
select ${[`${STEP_START} as time`, ...(by === undefined ? [] : ['metric']), ...counts].join(', ')}
from step
cross join generate_series(${steps.join(', ')}) as n
cross join (select distinct ${by === undefined ? 'true as some' : 'metric'} from counted) as series
left join counted using (${by === undefined ? 'n' : 'n, metric'})
order by ${by === undefined ? '1' : '1, 2'}`;
}

/** Which step a time is in. The length stands here as a constant: joined as a row it would keep the planner from working in parallel. */
const stepOf = (column: string) => `floor(extract(epoch from ${column}) / (${STEP}))`;

/** Every column of a trend has a name: `… as name` or `… as "name"` at the end of its line. */
function columnNames(columns: string): string[] {
  return [...columns.matchAll(/ as ("[^"]+"|\w+),?$/gm)].map(([, name = '']) => name);
}

/** The Monday of a time (UTC), or the range's start where that was before. */
export const weekOf = (column: string) => `greatest(date_trunc('week', ${column}, 'UTC'), $__timeFrom())`;

export const RATED = "verdict in ('ok', 'attention', 'rollback_recommended')";
/** null instead of a division by zero when nothing was rated. */
export const FAILURE_RATE = `count(*) filter (where verdict = 'rollback_recommended')::float8 / nullif(count(*) filter (where ${RATED}), 0)`;
/** The same of hours. */
export const FAILURE_RATE_OF_HOURS =
  'sum(rollback_recommended)::float8 / nullif(sum(ok + attention + rollback_recommended), 0)';
/** Of the judged deployments of hours, the share that has all samples of a kind; null where none was judged. */
export const ofJudged = (kind: string) => `sum(${kind})::float8 / nullif(sum(judged), 0)`;
export const median = (column: string) => `percentile_cont(0.5) within group (order by ${column})`;

const ALARMS = "filter (where verdict in ('attention', 'rollback_recommended'))";
/** Of the alarms that people marked, the share that was right; null where none was marked. */
export const ALARM_PRECISION = `avg(correct::integer) ${ALARMS}::float8`;
export const ALARMS_MARKED = `count(*) ${ALARMS}`;
/** The two of hours. */
export const ALARM_PRECISION_OF_HOURS = 'sum(alarms_correct)::float8 / nullif(sum(alarms_marked), 0)';
export const ALARMS_MARKED_OF_HOURS = 'coalesce(sum(alarms_marked), 0)';
/** Of the faults that people's words tell of, the share that had raised an alarm; null where they tell of none. */
export const FAULT_RECALL = 'avg(alarmed::integer) filter (where fault)::float8';
