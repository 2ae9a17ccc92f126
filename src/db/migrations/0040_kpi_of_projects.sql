-- Up Migration

-- What tables by project and environment are made of, gathered before: the facts of an environment's deployments as columns, four
-- weeks a row, so that to count those of a range is to look twice into a sorted array. As with the hours of migrations 0033 and 0037
-- nothing is made here, and what is not gathered yet, or has changed since, is read from the deployments themselves
-- (docs/decisions/0016).

-- Of each measure, in one order:
--               at           kind                                                  number               other
--   deployments  the start   the verdict's place in kpi_verdicts, +8 if abandoned  seconds to verdict   confidence
--   feedback     the start   the verdict's place in kpi_verdicts, +8 if correct    given at (Unix time)
--   dora         the finish  1 if rated, +2 if failed, +4 if its incident is open  lead time            time to restore
create table seqpulse.kpi_project_facts (
  measure text not null,
  period timestamptz not null,
  project_id uuid not null,
  env text not null,
  -- Ascending.
  at timestamptz[] not null,
  kinds smallint[] not null,
  numbers double precision[] not null,
  others double precision[] not null,
  primary key (measure, period, project_id, env)
);
-- To count, the times alone are read: they stay in the row where the others leave it, and nothing is packed, for it would not be smaller.
alter table seqpulse.kpi_project_facts
  alter column at set storage main,
  alter column kinds set storage external,
  alter column numbers set storage external,
  alter column others set storage external;
-- One row: what is from `gathered_from` until before `gathered_until` is in kpi_project_facts. Null: nothing yet.
create table seqpulse.kpi_gathered (gathered_from timestamptz, gathered_until timestamptz);
insert into seqpulse.kpi_gathered values (null, null);
-- Hours that changed after they may have been gathered: no key, as kpi_changed_hours, and not those marks, which a replica of an
-- earlier release takes away.
create table seqpulse.kpi_fact_changes (hour timestamptz not null);
create index kpi_fact_changes_hour on seqpulse.kpi_fact_changes (hour);

create function seqpulse.kpi_verdicts() returns text[] language sql immutable parallel safe
return array['ok', 'attention', 'rollback_recommended', 'insufficient_data'];
-- Four weeks, told by their first hour.
create function seqpulse.kpi_period(at timestamptz) returns timestamptz language sql immutable parallel safe
return date_bin('28 days', at, '2001-01-01 00:00:00+00');

-- The facts themselves from `from_time` until before `before_time`. Of chosen projects, or of all where `project_ids` is null.
create function seqpulse.project_facts(
  measure text, from_time timestamptz, before_time timestamptz, project_ids uuid[] default null)
returns setof seqpulse.kpi_project_facts language plpgsql stable as $$
declare
  chosen text := case when project_ids is null then '' else 'and d.project_id = any($3)' end;
  facts text;
begin
  facts := case measure
    when 'deployments' then $query$
      select d.started_at as at, d.project_id, d.env,
             coalesce(array_position(seqpulse.kpi_verdicts(), v.verdict), 0) + case when d.state = 'abandoned' then 8 else 0 end as kind,
             extract(epoch from d.analyzed_at - d.started_at)::double precision as number, v.confidence as other
      from seqpulse.deployments d
      left join seqpulse.verdicts v on v.deployment_id = d.id
      where d.started_at >= $1 and d.started_at < $2 $query$
    when 'feedback' then $query$
      select d.started_at as at, d.project_id, d.env,
             array_position(seqpulse.kpi_verdicts(), v.verdict) + case when f.correct then 8 else 0 end as kind,
             extract(epoch from f.given_at)::double precision as number, null::double precision as other
      from seqpulse.deployments d
      join seqpulse.verdicts v on v.deployment_id = d.id
      join seqpulse.verdict_feedback f on f.deployment_id = d.id
      where d.started_at >= $1 and d.started_at < $2 $query$
    when 'dora' then $query$
      select d.finished_at as at, d.project_id, d.env,
             (d.outcome is not null)::integer + case when d.outcome = 'failed' then 2 else 0 end
               + case when d.begins_incident and d.restored_at is null then 4 else 0 end as kind,
             d.lead_time_seconds as number, d.seconds_to_restore as other
      from seqpulse.dora_deployments d
      where d.finished_at >= $1 and d.finished_at < $2 $query$
  end;
  -- Planned for the very span, as in count_deployments.
  return query execute format($query$
    select $4, period, project_id, env, array_agg(at), array_agg(kind::smallint), array_agg(number), array_agg(other)
    from (select seqpulse.kpi_period(at) as period, * from (%s %s) d order by project_id, env, period, at) facts
    group by project_id, env, period $query$, facts, chosen)
  using from_time, before_time, project_ids, measure;
end $$;

-- Gathers anew, of the four weeks that these times lie in, the projects that have, or had, something then: in the `hours` that are
-- named, or from `from_time` until before `before_time` where that is null.
create function seqpulse.gather_facts(wanted text, from_time timestamptz, before_time timestamptz, hours timestamptz[] default null)
returns void language plpgsql as $$
declare
  moment constant interval := interval '1 microsecond';
  spans tstzmultirange := tstzmultirange(tstzrange(from_time, before_time));
  start timestamptz := seqpulse.kpi_period(from_time);
  past timestamptz;
  project_ids uuid[];
begin
  if hours is not null then
    spans := (select range_agg(tstzrange(h, h + interval '1 hour')) from unnest(hours) h);
  end if;
  while start < before_time loop
    past := start + interval '28 days';
    select array_agg(distinct touched.project_id) into project_ids
    from (
      select f.project_id
      from seqpulse.kpi_project_facts f
      join unnest(spans) span on width_bucket(upper(span) - moment, f.at) > width_bucket(lower(span) - moment, f.at)
      where f.measure = wanted and f.period = start
      union all
      select f.project_id
      from unnest(spans * tstzmultirange(tstzrange(start, past))) span
      cross join lateral seqpulse.project_facts(wanted, lower(span), upper(span)) f) touched;
    delete from seqpulse.kpi_project_facts f
    where f.measure = wanted and f.period = start and f.project_id = any(project_ids);
    insert into seqpulse.kpi_project_facts
    select f.* from seqpulse.project_facts(wanted, start, past, project_ids) f where project_ids is not null;
    start := past;
  end loop;
end $$;

-- From `from_time` to `to_time`, both inclusive, the facts of the `places` environments that have the most of them, or of all where
-- that is null. `projects` and `envs`: names, or an array that holds a null for all.
create function seqpulse.facts_of(
  wanted text, from_time timestamptz, to_time timestamptz, projects text[], envs text[], places integer)
returns table (project text, env text, at timestamptz, kind smallint, number double precision, other double precision)
-- One plan for all ranges, as in kpi.percentiles.
language plpgsql stable set plan_cache_mode = force_generic_plan as $$
declare
  moment constant interval := interval '1 microsecond';
  before_time timestamptz := to_time + moment;
  project_ids uuid[] := case when array_position(projects, null) is null
    then array(select p.id from seqpulse.projects p where p.name = any(projects)) end;
  every_env boolean := array_position(envs, null) is not null;
  -- Known beforehand, or the index of all periods would be read.
  first_period timestamptz := seqpulse.kpi_period(from_time);
  gathered tstzmultirange;
  stale tstzmultirange;
begin
  select tstzmultirange(tstzrange(greatest(from_time, g.gathered_from), least(before_time, g.gathered_until))) into gathered
  from seqpulse.kpi_gathered g
  where g.gathered_from < before_time and g.gathered_until > from_time;
  gathered := coalesce(gathered, '{}');
  select range_agg(tstzrange(c.hour, c.hour + interval '1 hour')) into stale
  from seqpulse.kpi_fact_changes c
  where c.hour > from_time - interval '1 hour' and c.hour < before_time;
  gathered := gathered - coalesce(stale, '{}');
  return query
    with rest as materialized (
      select f.*
      from unnest(tstzmultirange(tstzrange(from_time, before_time)) - gathered) span
      cross join lateral seqpulse.project_facts(wanted, lower(span), upper(span), project_ids) f
      where every_env or f.env = any(envs)
    ),
    -- Where in which line's arrays a span lies: within one statement a line stays where it is.
    piece as materialized (
      select f.ctid as line, f.project_id, f.env, place.first, place.last
      from unnest(gathered) span
      join seqpulse.kpi_project_facts f
        on f.measure = wanted and f.period >= first_period and f.period < before_time
          and f.period > lower(span) - interval '28 days' and f.period < upper(span)
      cross join lateral (
        select width_bucket(lower(span) - moment, f.at) + 1 as first, width_bucket(upper(span) - moment, f.at) as last) place
      where (project_ids is null or f.project_id = any(project_ids)) and (every_env or f.env = any(envs)) and place.first <= place.last
    ),
    busiest as materialized (
      select p.name, n.project_id, n.env
      from (
        select e.project_id, e.env, sum(e.count) as count
        from (
          select s.project_id, s.env, s.last - s.first + 1 as count from piece s
          union all
          select r.project_id, r.env, cardinality(r.at) from rest r) e
        group by 1, 2) n
      join seqpulse.projects p on p.id = n.project_id
      order by n.count desc, p.name, n.env
      limit places
    )
    -- Side by side in one row, which costs less than a function's rows joined.
    select b.name, b.env, unnest(f.at[s.first:s.last]), unnest(f.kinds[s.first:s.last]), unnest(f.numbers[s.first:s.last]),
           unnest(f.others[s.first:s.last])
    from busiest b
    join piece s on s.project_id = b.project_id and s.env = b.env
    join seqpulse.kpi_project_facts f on f.ctid = s.line
    union all
    select b.name, b.env, unnest(r.at), unnest(r.kinds), unnest(r.numbers), unnest(r.others)
    from busiest b
    join rest r on r.project_id = b.project_id and r.env = b.env;
end $$;

-- What dashboards read, in the words of the views: rows of kpi.deployments, kpi.dora_deployments and kpi.feedback without what
-- would be another's to know, of the `places` environments that have the most of them in the range.
create function kpi.busiest_deployments(
  from_time timestamptz, to_time timestamptz, projects text[], envs text[], places integer default 100)
returns table (
  project text, env text, started_at timestamptz, abandoned boolean, verdict text, confidence double precision,
  seconds_to_verdict double precision)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return query
    select f.project, f.env, f.at, f.kind >= 8, (seqpulse.kpi_verdicts())[f.kind & 7], f.other, f.number
    from seqpulse.facts_of('deployments', from_time, to_time, projects, envs, places) f;
end $$;

create function kpi.busiest_dora_deployments(
  from_time timestamptz, to_time timestamptz, projects text[], envs text[], places integer default 100)
returns table (
  project text, env text, finished_at timestamptz, outcome text, incident_open boolean, lead_time_seconds double precision,
  seconds_to_restore double precision)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return query
    select f.project, f.env, f.at, case f.kind & 3 when 1 then 'succeeded' when 3 then 'failed' end, f.kind >= 4, f.number, f.other
    from seqpulse.facts_of('dora', from_time, to_time, projects, envs, places) f;
end $$;

create function kpi.busiest_feedback(
  from_time timestamptz, to_time timestamptz, projects text[], envs text[], places integer default null)
returns table (project text, env text, started_at timestamptz, verdict text, correct boolean, alarmed boolean, fault boolean, given_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return query
    select f.project, f.env, f.at, (seqpulse.kpi_verdicts())[f.kind & 7], f.kind >= 8, f.kind & 7 in (2, 3),
           case f.kind & 7 when 1 then f.kind < 8 when 4 then false else f.kind >= 8 end, to_timestamp(f.number)
    from seqpulse.facts_of('feedback', from_time, to_time, projects, envs, places) f;
end $$;

-- The worst of what the newest judged deployments of the chosen environments were, of those that started from `from_time` to
-- `to_time`; null where none says anything. A look or two at an index for each environment, and none after the first that is the
-- worst, however many deployments there are.
create function kpi.worst_newest_verdict(from_time timestamptz, to_time timestamptz, projects text[], envs text[]) returns text
language plpgsql stable security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
  every_project boolean := array_position(projects, null) is not null;
  every_env boolean := array_position(envs, null) is not null;
  of_project uuid;
  of_env text;
  newest text;
  worst text;
begin
  for of_project in select p.id from seqpulse.projects p where every_project or p.name = any(projects) loop
    of_env := '';
    loop
      -- Not of seqpulse.environments: one that is taken off the list keeps its deployments.
      select d.env into of_env from seqpulse.deployments d where d.project_id = of_project and d.env > of_env order by d.env limit 1;
      exit when of_env is null;
      continue when not (every_env or of_env = any(envs));
      select v.verdict into newest
      from seqpulse.deployments d
      join seqpulse.verdicts v on v.deployment_id = d.id
      where d.project_id = of_project and d.env = of_env and d.started_at between from_time and to_time
      order by d.started_at desc, d.id desc limit 1;
      if newest = 'rollback_recommended' then return newest; end if;
      if newest = 'attention' or (newest = 'ok' and worst is null) then worst := newest; end if;
    end loop;
  end loop;
  return worst;
end $$;

-- The newest marks that call a verdict wrong, of deployments that started from `from_time` to `to_time`: found by their index, one
-- after the other. To start other processes for it takes longer than that.
create function kpi.newest_marked_wrong(from_time timestamptz, to_time timestamptz, projects text[], envs text[], most integer default 100)
returns table (
  deployment_id uuid, project text, env text, number integer, started_at timestamptz, verdict text, confidence double precision, summary text,
  correct boolean, note text, given_at timestamptz, alarmed boolean, fault boolean)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
set max_parallel_workers_per_gather = 0 set plan_cache_mode = force_custom_plan as $$
declare
  every_project boolean := array_position(projects, null) is not null;
  every_env boolean := array_position(envs, null) is not null;
begin
  -- As kpi.feedback, and not by its name: the schema of the views may be called otherwise later.
  return query
    select d.id, p.name, d.env, d.number, d.started_at, v.verdict, v.confidence, v.summary, f.correct, f.note, f.given_at,
           v.verdict in ('attention', 'rollback_recommended'),
           case v.verdict when 'ok' then not f.correct when 'insufficient_data' then false else f.correct end
    from seqpulse.verdict_feedback f
    join seqpulse.verdicts v on v.deployment_id = f.deployment_id
    join seqpulse.deployments d on d.id = f.deployment_id
    join seqpulse.projects p on p.id = d.project_id
    where d.started_at between from_time and to_time and not f.correct
      and (every_project or p.name = any(projects)) and (every_env or d.env = any(envs))
    order by f.given_at desc, f.deployment_id limit most;
end $$;

-- As before, and for the facts too.
create or replace function seqpulse.mark_tallies(times timestamptz[]) returns void language sql as $$
  with changed as materialized (
    select distinct date_trunc('hour', t, 'UTC') as hour from unnest(times) t where t < clock_timestamp() - interval '30 minutes'),
    fact as (insert into seqpulse.kpi_fact_changes select hour from changed)
  insert into seqpulse.kpi_tally_changes select hour from changed
$$;
-- What only tables by project tell.
create or replace trigger kpi_hour_judged after insert or delete or update of verdict, confidence, created_at on seqpulse.verdicts
  for each row execute function seqpulse.mark_changed_hour_of_verdict();
create or replace trigger kpi_hour_marked after insert or delete or update of correct, given_at on seqpulse.verdict_feedback
  for each row execute function seqpulse.mark_changed_hour_of_verdict();

create or replace trigger kpi_tally_updated after update of project_id, state, env, started_at, finished_at, analyzed_at, commit_time,
    pipeline_result, origin, pre_expected, post_expected on seqpulse.deployments
  for each row when (least(old.started_at, new.started_at) < clock_timestamp() - interval '30 minutes'
    and (old.project_id, old.state, old.env, old.started_at, old.finished_at, old.analyzed_at, old.commit_time, old.pipeline_result,
         old.origin, old.pre_expected, old.post_expected)
      is distinct from (new.project_id, new.state, new.env, new.started_at, new.finished_at, new.analyzed_at, new.commit_time,
         new.pipeline_result, new.origin, new.pre_expected, new.post_expected))
  execute function seqpulse.mark_tallies_of_deployment();

-- As before, and no longer `strict`: a strict function with a `case` is called for each value, where one without is written into the
-- statement. Of null they are null all the same.
create or replace function seqpulse.seconds_bucket(seconds double precision) returns smallint language sql immutable parallel safe
return case when abs(seconds) < 0.001 then 0
  else sign(seconds) * (1 + floor(35 * (ln(abs(seconds)) - ln(0.001::double precision)) / ln(2::double precision))) end;
create or replace function seqpulse.bucket_seconds(bucket bigint) returns double precision language sql immutable parallel safe
return case when bucket = 0 then 0
  else sign(bucket) * 0.001 * power(2::double precision, (abs(bucket) - 1) / 35::double precision)
    * 2 / (1 + power(2::double precision, -1 / 35::double precision)) end;
