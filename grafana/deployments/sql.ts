import { CHOSEN } from '../kpi-lifecycle/sql.ts';

/**
 * Deployments with readings in the range, by what their rows tell without reading any: a finish comes two weeks after the
 * trigger at the latest, readings after it within a day (a window is 30 minutes as a rule), and a baseline reaches back a
 * week.
 */
const NEAR_THE_RANGE = `started_at between $__timeFrom()::timestamptz - interval '15 days' and $__timeTo()::timestamptz + interval '7 days'
    and coalesce(finished_at, started_at) >= $__timeFrom()::timestamptz - interval '1 day'`;

/** Of a reading: `before`, or `after` and what its deployment was judged to be. */
const SIDE = `case phase when 'before' then 'before' else 'after: ' || coalesce(verdict, 'not judged yet') end`;

/**
 * A point a reading. A reading that several deployments have as their baseline is one. Series are called after the project
 * and environment too where several have been chosen.
 */
export function readings(column: string): string {
  return `with reading as (
  select collected_at as time, project || ' ' || env as place, ${SIDE} as side, avg(${column}) as value
  from kpi.deployment_samples
  where ${NEAR_THE_RANGE}
    and $__timeFilter(collected_at)
    and ${CHOSEN}
    and ${column} is not null
  group by 1, 2, 3
)
select time, case when min(place) over () = max(place) over () then side else place || ' ' || side end as metric, value
from reading
order by time, metric`;
}
