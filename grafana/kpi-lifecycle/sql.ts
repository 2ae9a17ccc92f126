/** What the variables project and env choose; each query is about the deployments of that choice. */
export const CHOSEN = 'project in ($project) and env in ($env)';
/** Started within the dashboard's time range. */
export const STARTED = '$__timeFilter(started_at)';

/** `select columns` of the deployments that were chosen and started in the range; `more` ends the statement. */
export function fromDeployments(columns: string, more = ''): string {
  return `select\n  ${columns}\nfrom kpi.deployments\nwhere ${STARTED}\n  and ${CHOSEN}${more === '' ? '' : `\n${more}`}`;
}

/** The same by UTC day; the column `time` is the day's start. `fill` is what a day without rows shows. */
export function perDay(
  columns: string,
  options: { readonly from?: string; readonly where?: string; readonly by?: string; readonly fill: '0' | 'NULL' },
): string {
  const { from = 'kpi.deployments', where, by, fill } = options;
  const group = by === undefined ? '1' : '1, 2';
  const metric = by === undefined ? '' : `${by} as metric,\n  `;
  return `select
  $__timeGroupAlias(started_at, '1d', ${fill}),
  ${metric}${columns}
from ${from}
where ${STARTED}
  and ${CHOSEN}${where === undefined ? '' : `\n  and ${where}`}
group by ${group}
order by ${group}`;
}

export const RATED = "verdict in ('ok', 'attention', 'rollback_recommended')";
/** null instead of a division by zero when nothing was rated. */
export const FAILURE_RATE = `count(*) filter (where verdict = 'rollback_recommended')::float8 / nullif(count(*) filter (where ${RATED}), 0)`;
export const median = (column: string) => `percentile_cont(0.5) within group (order by ${column})`;
export const p95 = (column: string) => `percentile_cont(0.95) within group (order by ${column})`;

/** Of the alarms that people marked, the share that was right; null where none was marked. */
export const ALARM_PRECISION =
  "avg(correct::integer) filter (where verdict in ('attention', 'rollback_recommended'))::float8";
