/** What the variables project and env choose; each query is about the deployments of that choice. */
export const CHOSEN = 'project in ($project) and env in ($env)';
/** Started within the dashboard's time range. */
export const STARTED = '$__timeFilter(started_at)';

/** `select columns` of the deployments that were chosen and started in the range; `more` ends the statement. */
export function fromDeployments(columns: string, more = ''): string {
  return `select\n  ${columns}\nfrom kpi.deployments\nwhere ${STARTED}\n  and ${CHOSEN}${more === '' ? '' : `\n${more}`}`;
}

/** Seconds of a trend's steps: hours where a day would be one point or none. `$__timeGroup` has one length for all ranges. */
const STEP = `case when $__timeTo()::timestamptz - $__timeFrom()::timestamptz < interval '2 days' then 3600 else 86400 end`;
/** The step's start, or the range's where it began before: a point left of the graph would not be seen. */
const STEP_START = 'greatest(to_timestamp(n * seconds), $__timeFrom())';

export interface TrendOptions {
  readonly from?: string;
  readonly where?: string;
}

/** The same by UTC day, by hour in a range of less than two days; steps without rows are left out. */
export function trend(columns: string, options: TrendOptions = {}): string {
  return `with step as (select ${STEP} as seconds),
${counted(columns, 'n', options)}
select ${STEP_START} as time, ${columnNames(columns).join(', ')}
from step, counted
order by 1`;
}

/**
 * Counts in the same steps, where nothing is 0: bars are as wide as the points are apart, so none may be missing. `by`: a
 * column whose values are a series each. No rows at all where there is nothing to count.
 */
export function trendOfCounts(columns: string, options: TrendOptions & { readonly by?: string } = {}): string {
  const { by } = options;
  const key = by === undefined ? 'n' : `n, ${by} as metric`;
  const steps = ['$__timeFrom()', '$__timeTo()'].map(
    (end) => `floor(extract(epoch from ${end}::timestamptz) / seconds)`,
  );
  const counts = columnNames(columns).map((name) => `coalesce(${name}, 0) as ${name}`);
  return `with step as (select ${STEP} as seconds),
${counted(columns, key, options)}
select ${[`${STEP_START} as time`, ...(by === undefined ? [] : ['metric']), ...counts].join(', ')}
from step
cross join generate_series(${steps.join(', ')}) as n
cross join (select distinct ${by === undefined ? 'true as some' : 'metric'} from counted) as series
left join counted using (${by === undefined ? 'n' : 'n, metric'})
order by ${by === undefined ? '1' : '1, 2'}`;
}

/** The step's length stands here as a constant: joined as a row it would keep the planner from working in parallel. */
function counted(columns: string, key: string, { from = 'kpi.deployments', where }: TrendOptions): string {
  return `counted as (
  select ${key.replace(/^n/, `floor(extract(epoch from started_at) / (${STEP})) as n`)},
  ${columns}
  from ${from}
  where ${STARTED}
    and ${CHOSEN}${where === undefined ? '' : `\n    and ${where}`}
  group by ${key.includes('metric') ? '1, 2' : '1'}
)`;
}

/** Every column of a trend has a name: `… as name` or `… as "name"` at the end of its line. */
function columnNames(columns: string): string[] {
  return [...columns.matchAll(/ as ("[^"]+"|\w+),?$/gm)].map(([, name = '']) => name);
}

/** The Monday of a time (UTC), or the range's start where that was before. */
export const weekOf = (column: string) => `greatest(date_trunc('week', ${column}, 'UTC'), $__timeFrom())`;

export const RATED = "verdict in ('ok', 'attention', 'rollback_recommended')";
/** null instead of a division by zero when nothing was rated. */
export const FAILURE_RATE = `count(*) filter (where verdict = 'rollback_recommended')::float8 / nullif(count(*) filter (where ${RATED}), 0)`;
export const median = (column: string) => `percentile_cont(0.5) within group (order by ${column})`;
export const p95 = (column: string) => `percentile_cont(0.95) within group (order by ${column})`;

const ALARMS = "filter (where verdict in ('attention', 'rollback_recommended'))";
/** Of the alarms that people marked, the share that was right; null where none was marked. */
export const ALARM_PRECISION = `avg(correct::integer) ${ALARMS}::float8`;
export const ALARMS_MARKED = `count(*) ${ALARMS}`;
/** Of the faults that people's words tell of, the share that had raised an alarm; null where they tell of none. */
export const FAULT_RECALL = 'avg(alarmed::integer) filter (where fault)::float8';
