-- Up Migration

-- What panels over all projects count, added up by the hour (UTC) of the start: they cost the same however many deployments
-- an hour has. Nothing is made here: hours are added up little by little (src/lifecycle/roll-up.ts), and whatever has not
-- been, or has changed since, is counted from the deployments themselves. So what is told is always what is there.
create table seqpulse.kpi_hours (
  hour timestamptz not null,
  env text not null,
  deployments integer not null,
  abandoned integer not null,
  ok integer not null,
  attention integer not null,
  rollback_recommended integer not null,
  insufficient_data integer not null,
  -- Verdicts that people marked; of the alarms among them, and of those they called right.
  marked integer not null,
  alarms_marked integer not null,
  alarms_correct integer not null,
  primary key (hour, env)
);

-- Its hours added up by the day (UTC), kept beside them by whoever adds hours up: a year is 365 rows an environment, not 8,760.
-- A day counts where all of its hours are added up and none has changed since.
create table seqpulse.kpi_days (
  day timestamptz not null,
  env text not null,
  deployments integer not null,
  abandoned integer not null,
  ok integer not null,
  attention integer not null,
  rollback_recommended integer not null,
  insufficient_data integer not null,
  marked integer not null,
  alarms_marked integer not null,
  alarms_correct integer not null,
  primary key (day, env)
);

-- One row: the hours from `rolled_from` until before `rolled_until` are in kpi_hours. Null: none yet.
create table seqpulse.kpi_rolled (rolled_from timestamptz, rolled_until timestamptz);
insert into seqpulse.kpi_rolled values (null, null);

-- Hours that changed after they may have been added up. No key on purpose: two that change the same hour must not wait for
-- each other.
create table seqpulse.kpi_changed_hours (hour timestamptz not null);
create index kpi_changed_hours_hour on seqpulse.kpi_changed_hours (hour);

-- By triggers, so that no way round them exists, replicas of an earlier release among them. What started less than half an hour
-- ago is not added up yet and needs no mark: so almost every change costs one comparison.
create function seqpulse.mark_changed_hour() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    insert into seqpulse.kpi_changed_hours values (date_trunc('hour', old.started_at, 'UTC'));
  end if;
  if tg_op <> 'DELETE' then
    insert into seqpulse.kpi_changed_hours values (date_trunc('hour', new.started_at, 'UTC'));
  end if;
  return null;
end $$;

create trigger kpi_hour_inserted after insert on seqpulse.deployments
  for each row when (new.started_at < clock_timestamp() - interval '30 minutes')
  execute function seqpulse.mark_changed_hour();
create trigger kpi_hour_updated after update of state, env, started_at on seqpulse.deployments
  for each row when (least(old.started_at, new.started_at) < clock_timestamp() - interval '30 minutes'
    and (old.state, old.env, old.started_at) is distinct from (new.state, new.env, new.started_at))
  execute function seqpulse.mark_changed_hour();
create trigger kpi_hour_deleted after delete on seqpulse.deployments
  for each row when (old.started_at < clock_timestamp() - interval '30 minutes')
  execute function seqpulse.mark_changed_hour();

-- Of a verdict or of what was said of it; where the deployment itself is gone, that marked the hour.
create function seqpulse.mark_changed_hour_of_verdict() returns trigger language plpgsql as $$
begin
  insert into seqpulse.kpi_changed_hours
  select date_trunc('hour', d.started_at, 'UTC') from seqpulse.deployments d
  where d.id = case when tg_op = 'DELETE' then old.deployment_id else new.deployment_id end
    and d.started_at < clock_timestamp() - interval '30 minutes';
  return null;
end $$;

create trigger kpi_hour_judged after insert or delete or update of verdict on seqpulse.verdicts
  for each row execute function seqpulse.mark_changed_hour_of_verdict();
create trigger kpi_hour_marked after insert or delete or update of correct on seqpulse.verdict_feedback
  for each row execute function seqpulse.mark_changed_hour_of_verdict();

-- The deployments of a span of time, added up as in kpi_hours. Of chosen projects, or of all where `projects` is null.
create function seqpulse.count_deployments(from_time timestamptz, before_time timestamptz, projects text[] default null)
returns setof seqpulse.kpi_hours language plpgsql stable as $$
begin
  -- Planned for the very span: a plan for all spans would walk over all deployments, or look for each verdict by itself.
  return query execute format($query$
    select date_trunc('hour', d.started_at, 'UTC') as hour, d.env,
           count(*)::integer,
           (count(*) filter (where d.state = 'abandoned'))::integer,
           (count(*) filter (where v.verdict = 'ok'))::integer,
           (count(*) filter (where v.verdict = 'attention'))::integer,
           (count(*) filter (where v.verdict = 'rollback_recommended'))::integer,
           (count(*) filter (where v.verdict = 'insufficient_data'))::integer,
           count(f.correct)::integer,
           (count(f.correct) filter (where v.verdict in ('attention', 'rollback_recommended')))::integer,
           (count(*) filter (where f.correct and v.verdict in ('attention', 'rollback_recommended')))::integer
    from seqpulse.deployments d
    left join seqpulse.verdicts v on v.deployment_id = d.id
    left join seqpulse.verdict_feedback f on f.deployment_id = d.id
    where d.started_at >= $1 and d.started_at < $2 %s
    group by 1, 2 $query$,
    case when projects is null then ''
      else 'and d.project_id = any(array(select id from seqpulse.projects where name = any($3)))' end)
  using from_time, before_time, projects;
end $$;

-- What dashboards read: deployments started from `from_time` to `to_time`, both inclusive, by hour and environment, where the
-- first and the last hour are as much of them as lies within; in a range of two days or more whole days are one row each, at
-- their first hour. `projects`: names, or an array that holds a null for all.
-- With its owner's rights, as the views.
create function kpi.deployment_hours(from_time timestamptz, to_time timestamptz, projects text[])
returns setof seqpulse.kpi_hours language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  -- To the microsecond, which is how exact a start is.
  before_time timestamptz := to_time + interval '1 microsecond';
  first_hour timestamptz;
  past_hour timestamptz;
  first_day timestamptz;
  past_day timestamptz;
  changed timestamptz;
begin
  if array_position(projects, null) is null then
    return query select * from seqpulse.count_deployments(from_time, before_time, projects);
    return;
  end if;
  select greatest(date_trunc('hour', from_time + interval '1 hour' - interval '1 microsecond', 'UTC'), rolled_from),
         least(date_trunc('hour', before_time, 'UTC'), rolled_until)
  into first_hour, past_hour
  from seqpulse.kpi_rolled where rolled_from is not null;
  if first_hour is null or first_hour >= past_hour then
    return query select * from seqpulse.count_deployments(from_time, before_time);
    return;
  end if;
  first_day := date_trunc('day', first_hour + interval '1 day' - interval '1 microsecond', 'UTC');
  past_day := date_trunc('day', past_hour, 'UTC');
  if to_time - from_time < interval '2 days' or first_day >= past_day then
    first_day := past_hour;
    past_day := past_hour;
  end if;
  return query
    select d.* from seqpulse.kpi_days d
    where d.day >= first_day and d.day < past_day
      and not exists (
        select from seqpulse.kpi_changed_hours c where c.hour >= d.day and c.hour < d.day + interval '24 hours')
    union all
    select h.* from seqpulse.kpi_hours h
    where h.hour >= first_hour and h.hour < first_day
      and not exists (select from seqpulse.kpi_changed_hours c where c.hour = h.hour)
    union all
    select h.* from seqpulse.kpi_hours h
    where h.hour >= past_day and h.hour < past_hour
      and not exists (select from seqpulse.kpi_changed_hours c where c.hour = h.hour);
  -- The other hours of days with changes.
  for changed in
    select distinct date_trunc('day', c.hour, 'UTC') from seqpulse.kpi_changed_hours c
    where c.hour >= first_day and c.hour < past_day
  loop
    return query
      select h.* from seqpulse.kpi_hours h
      where h.hour >= changed and h.hour < changed + interval '24 hours'
        and not exists (select from seqpulse.kpi_changed_hours c where c.hour = h.hour);
  end loop;
  for changed in
    select distinct c.hour from seqpulse.kpi_changed_hours c where c.hour >= first_hour and c.hour < past_hour
  loop
    return query select * from seqpulse.count_deployments(changed, changed + interval '1 hour');
  end loop;
  if from_time < first_hour then
    return query select * from seqpulse.count_deployments(from_time, first_hour);
  end if;
  if past_hour < before_time then
    return query select * from seqpulse.count_deployments(past_hour, before_time);
  end if;
end $$;
