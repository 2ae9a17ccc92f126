import { CHOSEN } from '../kpi-lifecycle/sql.ts';

/** More would be a cloud, and take seconds: all projects over a month have a hundred thousand deployments. */
export const MAX_DRAWN = 1_000;

/** Of a reading: `before`, or `after` and what its deployment was judged to be. */
const SIDE = `case phase when 'before' then 'before' else 'after: ' || coalesce(verdict, 'not judged yet') end`;

/**
 * A point a reading. A reading that several deployments have as their baseline is one. Series are called after the project
 * and environment too where several have been chosen.
 *
 * Which deployments have readings in the range their rows tell, without reading any: a finish comes two weeks after the
 * trigger at the latest, readings after it within a day (a window is 30 minutes as a rule), and those before are from the
 * quarter of an hour before the trigger, or older and then of an earlier deployment too.
 */
export function readings(column: string): string {
  return `with newest as (
  select deployment_id
  from kpi.deployments
  where started_at between $__timeFrom()::timestamptz - interval '15 days' and $__timeTo()::timestamptz + interval '1 hour'
    and coalesce(finished_at, started_at) >= $__timeFrom()::timestamptz - interval '1 day'
    and ${CHOSEN}
  order by started_at desc
  limit ${MAX_DRAWN}
),
reading as (
  select collected_at as time, project || ' ' || env as place, ${SIDE} as side, avg(${column}) as value
  from newest
  cross join lateral (select * from kpi.deployment_samples s where s.deployment_id = newest.deployment_id) sample
  where $__timeFilter(collected_at)
    and ${column} is not null
  group by 1, 2, 3
)
select time, case when min(place) over () = max(place) over () then side else place || ' ' || side end as metric, value
from reading
order by time, metric`;
}
