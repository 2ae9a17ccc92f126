-- Up Migration

-- What panels over all projects say of durations (medians, percentiles), of DORA's deployments and of samples, added up by the
-- hour (UTC) as the counts of kpi_hours are (docs/decisions/0015). A duration is in the hour in which its view has it: of the
-- start, of the finish or of the verdict. Nothing is made here; what is not added up yet, or has changed since, is read from the
-- deployments themselves.

-- One row an hour, environment and measure: how many values are in each bucket. Of durations (seqpulse.seconds_bucket) and of
-- what is counted: of `dora` 0 deployments, 1 failed, 2 rated; of `samples` 0 judged, 1 complete before, 2 after, 3 both.
create table seqpulse.kpi_tally_hours (
  measure text not null,
  hour timestamptz not null,
  env text not null,
  total integer not null,
  buckets smallint[] not null,
  counts integer[] not null,
  primary key (measure, hour, env)
);
-- Whole days, a row a doubling (35 buckets): a percentile needs the totals of all and the buckets of one.
create table seqpulse.kpi_tally_days (
  measure text not null,
  day timestamptz not null,
  env text not null,
  octave smallint not null,
  total integer not null,
  buckets smallint[] not null,
  counts integer[] not null,
  primary key (measure, day, env, octave)
);
-- One row: the hours from `tallied_from` until before `tallied_until` are in kpi_tally_hours. Null: none yet. Not those of
-- kpi_rolled: a replica of an earlier release adds its own up.
create table seqpulse.kpi_tallied (tallied_from timestamptz, tallied_until timestamptz);
insert into seqpulse.kpi_tallied values (null, null);
-- Hours that changed after they may have been added up; no key, as kpi_changed_hours.
create table seqpulse.kpi_tally_changes (hour timestamptz not null);
create index kpi_tally_changes_hour on seqpulse.kpi_tally_changes (hour);

-- DORA's figures are by the finish.
create index deployments_finished_at on seqpulse.deployments (finished_at) where finished_at is not null;

-- 35 buckets a doubling, each 2 % wider than the one before, from a millisecond on; negative ones mirror them (a repair that
-- finished first). The middle of a bucket is at most 1 % from any value in it.
create function seqpulse.seconds_bucket(seconds double precision) returns smallint language sql immutable strict parallel safe
return case when abs(seconds) < 0.001 then 0
  else sign(seconds) * (1 + floor(35 * (ln(abs(seconds)) - ln(0.001::double precision)) / ln(2::double precision))) end;
create function seqpulse.bucket_seconds(bucket bigint) returns double precision language sql immutable strict parallel safe
return case when bucket = 0 then 0
  else sign(bucket) * 0.001 * power(2::double precision, (abs(bucket) - 1) / 35::double precision)
    * 2 / (1 + power(2::double precision, -1 / 35::double precision)) end;

-- The values of a measure as its view has them: `at`, env, value and bucket of what is from $1 until before $2; the condition on
-- projects is put in.
create function seqpulse.measure_query(measure text) returns text language plpgsql immutable as $$
begin
  case measure
    when 'seconds_to_verdict' then return $query$
      select at, env, value, seqpulse.seconds_bucket(value) as bucket
      from (
        select d.started_at as at, d.env, extract(epoch from d.analyzed_at - d.started_at)::double precision as value
        from seqpulse.deployments d
        where d.started_at >= $1 and d.started_at < $2 and d.analyzed_at is not null %1$s) m $query$;
    when 'lead_time_seconds' then return $query$
      select at, env, value, seqpulse.seconds_bucket(value) as bucket
      from (
        select d.finished_at as at, d.env, d.lead_time_seconds as value
        from seqpulse.deployment_outcomes d
        where d.finished_at >= $1 and d.finished_at < $2 and d.lead_time_seconds is not null %1$s) m $query$;
    when 'seconds_to_restore' then return $query$
      select at, env, value, seqpulse.seconds_bucket(value) as bucket
      from (
        select d.finished_at as at, d.env, d.seconds_to_restore as value
        from seqpulse.dora_deployments d
        where d.finished_at >= $1 and d.finished_at < $2 and d.outcome = 'failed' %1$s) m
      where value is not null $query$;
    when 'seconds_to_recover' then return $query$
      select at, env, value, seqpulse.seconds_bucket(value) as bucket
      from (
        select v.created_at as at, d.env, extract(epoch from whole.created_at - v.created_at)::double precision as value
        from seqpulse.verdicts v
        join seqpulse.deployments d on d.id = v.deployment_id
        cross join lateral (
          select later_verdict.created_at
          from seqpulse.deployments later
          join seqpulse.verdicts later_verdict on later_verdict.deployment_id = later.id
          where later.project_id = d.project_id and later.env = d.env
            and (later.started_at, later.id) > (d.started_at, d.id) and later_verdict.verdict = 'ok'
          order by later.started_at, later.id
          limit 1) whole
        where v.verdict = 'rollback_recommended' and v.created_at >= $1 and v.created_at < $2 %1$s
          and (
            select earlier_verdict.verdict
            from seqpulse.deployments earlier
            join seqpulse.verdicts earlier_verdict on earlier_verdict.deployment_id = earlier.id
            where earlier.project_id = d.project_id and earlier.env = d.env
              and (earlier.started_at, earlier.id) < (d.started_at, d.id)
              and earlier_verdict.verdict in ('ok', 'rollback_recommended')
            order by earlier.started_at desc, earlier.id desc
            limit 1) is distinct from 'rollback_recommended') m $query$;
    when 'dora' then return $query$
      select d.finished_at as at, d.env, null::double precision as value, b.bucket::smallint as bucket
      from seqpulse.deployment_outcomes d
      cross join lateral (values (0, true), (1, d.outcome = 'failed'), (2, d.outcome is not null)) b (bucket, holds)
      where d.finished_at >= $1 and d.finished_at < $2 and b.holds %1$s $query$;
    when 'samples' then return $query$
      select d.started_at as at, d.env, null::double precision as value, b.bucket::smallint as bucket
      from seqpulse.deployments d
      cross join lateral (
        select case when d.pre_expected > 0 then count(*) filter (where m.phase = 'pre') >= d.pre_expected
                 else coalesce((
                   select cardinality(b.collected_at) > 0 from seqpulse.deployment_baselines b where b.deployment_id = d.id), false)
               end as pre,
               count(*) filter (where m.phase = 'post') >= d.post_expected as post
        from seqpulse.samples m where m.deployment_id = d.id) s
      cross join lateral (values (0, true), (1, s.pre), (2, s.post), (3, s.pre and s.post)) b (bucket, holds)
      where d.started_at >= $1 and d.started_at < $2 and d.state = 'analyzed' and b.holds %1$s
        and d.started_at >= coalesce(
          (select min(oldest.collected_at) - interval '1 minute' from seqpulse.samples oldest), '-infinity') $query$;
  end case;
end $$;

-- The values of a measure by themselves. Of chosen projects, or of all where `projects` is null.
create function seqpulse.measured(measure text, from_time timestamptz, before_time timestamptz, projects text[] default null)
returns table (at timestamptz, env text, value double precision) language plpgsql stable as $$
begin
  -- Planned for the very span, as in count_deployments.
  return query execute 'select at, env, value from (' || format(seqpulse.measure_query(measure), case when projects is null then ''
    else 'and d.project_id = any(array(select id from seqpulse.projects where name = any($3)))' end) || ') m'
  using from_time, before_time, projects;
end $$;

-- The same added up by the hour and environment, as in kpi_tally_hours.
create function seqpulse.tally(measure text, from_time timestamptz, before_time timestamptz, projects text[] default null)
returns setof seqpulse.kpi_tally_hours language plpgsql stable as $$
begin
  return query execute 'select $4, hour, env, sum(count)::integer, array_agg(bucket order by bucket), array_agg(count order by bucket)
    from (
      select date_trunc(''hour'', at, ''UTC'') as hour, env, bucket, count(*)::integer as count
      from (' || format(seqpulse.measure_query(measure), case when projects is null then ''
    else 'and d.project_id = any(array(select id from seqpulse.projects where name = any($3)))' end) || ') m
      group by 1, 2, 3) counted
    group by hour, env'
  using from_time, before_time, projects, measure;
end $$;

-- Of all projects, from `from_time` until before `before_time`: days where `whole_days` and there are two (`octave` is not
-- null), hours that are added up, and the rest from the deployments themselves. Rows as they lie, several to an hour.
create function seqpulse.tallies(wanted text, from_time timestamptz, before_time timestamptz, whole_days boolean)
returns table (at timestamptz, env text, octave smallint, total integer, buckets smallint[], counts integer[])
language plpgsql stable as $$
declare
  first_hour timestamptz;
  past_hour timestamptz;
  first_day timestamptz;
  past_day timestamptz;
  changed timestamptz;
  oldest timestamptz;
begin
  select greatest(date_trunc('hour', from_time + interval '1 hour' - interval '1 microsecond', 'UTC'), tallied_from),
         least(date_trunc('hour', before_time, 'UTC'), tallied_until)
  into first_hour, past_hour
  from seqpulse.kpi_tallied where tallied_from is not null;
  if wanted = 'samples' then
    -- As kpi.sample_completeness: what is older than the oldest sample left has lost its samples since, and up to an hour after
    -- it the readings that a source told of before. Where there are none, what was added up is no longer true either.
    select min(s.collected_at) into oldest from seqpulse.samples s;
    first_hour := case when oldest is not null and first_hour is not null
      then greatest(first_hour, date_trunc('hour', oldest + interval '2 hours', 'UTC')) end;
  end if;
  if first_hour is null or first_hour >= past_hour then
    return query select t.hour, t.env, null::smallint, t.total, t.buckets, t.counts from seqpulse.tally(wanted, from_time, before_time) t;
    return;
  end if;
  first_day := date_trunc('day', first_hour + interval '1 day' - interval '1 microsecond', 'UTC');
  past_day := date_trunc('day', past_hour, 'UTC');
  if not whole_days or before_time - from_time <= interval '2 days' or first_day >= past_day then
    first_day := past_hour;
    past_day := past_hour;
  end if;
  return query
    select d.day, d.env, d.octave, d.total, d.buckets, d.counts from seqpulse.kpi_tally_days d
    where d.measure = wanted and d.day >= first_day and d.day < past_day
      and not exists (
        select from seqpulse.kpi_tally_changes c where c.hour >= d.day and c.hour < d.day + interval '24 hours')
    union all
    select h.hour, h.env, null, h.total, h.buckets, h.counts from seqpulse.kpi_tally_hours h
    where h.measure = wanted and h.hour >= first_hour and h.hour < first_day
      and not exists (select from seqpulse.kpi_tally_changes c where c.hour = h.hour)
    union all
    select h.hour, h.env, null, h.total, h.buckets, h.counts from seqpulse.kpi_tally_hours h
    where h.measure = wanted and h.hour >= past_day and h.hour < past_hour
      and not exists (select from seqpulse.kpi_tally_changes c where c.hour = h.hour);
  -- The other hours of days with changes.
  for changed in
    select distinct date_trunc('day', c.hour, 'UTC') from seqpulse.kpi_tally_changes c
    where c.hour >= first_day and c.hour < past_day
  loop
    return query
      select h.hour, h.env, null::smallint, h.total, h.buckets, h.counts from seqpulse.kpi_tally_hours h
      where h.measure = wanted and h.hour >= changed and h.hour < changed + interval '24 hours'
        and not exists (select from seqpulse.kpi_tally_changes c where c.hour = h.hour);
  end loop;
  for changed in
    select distinct c.hour from seqpulse.kpi_tally_changes c where c.hour >= first_hour and c.hour < past_hour
  loop
    return query select t.hour, t.env, null::smallint, t.total, t.buckets, t.counts
      from seqpulse.tally(wanted, changed, changed + interval '1 hour') t;
  end loop;
  if from_time < first_hour then
    return query select t.hour, t.env, null::smallint, t.total, t.buckets, t.counts
      from seqpulse.tally(wanted, from_time, first_hour) t;
  end if;
  if past_hour < before_time then
    return query select t.hour, t.env, null::smallint, t.total, t.buckets, t.counts
      from seqpulse.tally(wanted, past_hour, before_time) t;
  end if;
end $$;

-- Percentiles of a measure (a column of the views: seconds_to_verdict, lead_time_seconds, seconds_to_restore,
-- seconds_to_recover) from `from_time` to `to_time`, both inclusive, of the chosen projects and environments, or of all where the
-- array holds a null: one row, or one a step of `step_seconds` of Unix time that has values. As percentile_cont, exact for
-- chosen projects and up to `exact_up_to` values; of more, each of the two values that it lies between is told within 1 %.
create function kpi.percentiles(
  measure text, from_time timestamptz, to_time timestamptz, projects text[], envs text[], fractions double precision[],
  step_seconds integer default null, exact_up_to integer default 5000)
returns table (step timestamptz, seconds double precision[])
-- One plan for all ranges: to make one takes longer than to read sixty days.
language plpgsql stable security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
  -- To the microsecond, which is how exact a time is.
  before_time timestamptz := to_time + interval '1 microsecond';
  every_env boolean := array_position(envs, null) is not null;
  by_days boolean := coalesce(step_seconds % 86400 = 0, true);
  -- All in one step where there are no steps.
  long double precision := coalesce(step_seconds::double precision, 'infinity');
  many boolean := false;
begin
  if array_position(projects, null) is not null then
    if by_days and before_time - from_time > interval '2 days' then
      select sum(d.total) > exact_up_to into many from seqpulse.kpi_tally_days d
      where d.measure = percentiles.measure and d.day >= from_time and d.day < before_time and (every_env or d.env = any(envs));
    else
      select sum(h.total) > exact_up_to into many from seqpulse.kpi_tally_hours h
      where h.measure = percentiles.measure and h.hour >= from_time and h.hour < before_time and (every_env or h.env = any(envs));
    end if;
    projects := null;
  end if;
  if not coalesce(many, false) then
    return query
      select case when step_seconds is not null then to_timestamp(n * step_seconds) end, percentile_cont(fractions) within group (order by value)
      from (
        select floor(extract(epoch from m.at)::double precision / long) as n, m.value
        from seqpulse.measured(measure, from_time, before_time, projects) m
        where every_env or m.env = any(envs)) given
      group by n;
    return;
  end if;
  return query
    with part as materialized (
      select floor(extract(epoch from t.at)::double precision / long) as n, t.octave, t.total, t.buckets, t.counts
      from seqpulse.tallies(measure, from_time, before_time, by_days) t
      where every_env or t.env = any(envs)
    ),
    octave as (
      select o.n, o.octave, sum(o.total) as total
      from (
        select p.n, p.octave, p.total from part p where p.octave is not null
        union all
        select p.n, floor(b.bucket / 35.0)::smallint, b.count
        from part p cross join unnest(p.buckets, p.counts) b (bucket, count) where p.octave is null) o
      group by 1, 2
    ),
    placed as materialized (
      select o.n, o.octave, o.total, sum(o.total) over (partition by o.n order by o.octave) as past,
             sum(o.total) over (partition by o.n) as size
      from octave o
    ),
    -- percentile_cont lies between the values at two ranks, from 0.
    wanted as materialized (
      select s.n, f.place, r.rank, r.weight, o.octave, o.past - o.total as before
      from (select distinct p.n, p.size from placed p) s
      cross join unnest(fractions) with ordinality f (fraction, place)
      cross join lateral (select f.fraction * (s.size - 1)::double precision as exact) e
      cross join lateral (
        values (floor(e.exact), 1 - (e.exact - floor(e.exact))), (ceil(e.exact), e.exact - floor(e.exact))) r (rank, weight)
      join placed o on o.n = s.n and r.rank >= o.past - o.total and r.rank < o.past
    ),
    bucket as (
      select w.n, w.octave, b.bucket, sum(b.count) as count
      from (select distinct w.n, w.octave from wanted w) w
      join part p on p.n = w.n and (p.octave is null or p.octave = w.octave)
      cross join unnest(p.buckets, p.counts) b (bucket, count)
      where floor(b.bucket / 35.0) = w.octave
      group by 1, 2, 3
    ),
    filled as (
      select b.n, b.octave, b.bucket, b.count, sum(b.count) over (partition by b.n, b.octave order by b.bucket) as past from bucket b
    ),
    found as (
      select w.n, w.place, sum(w.weight * seqpulse.bucket_seconds(f.bucket)) as value
      from wanted w
      join filled f on f.n = w.n and f.octave = w.octave and w.rank - w.before >= f.past - f.count and w.rank - w.before < f.past
      group by 1, 2
    )
    select case when step_seconds is not null then to_timestamp(f.n * step_seconds) end, array_agg(f.value order by f.place)
    from found f group by f.n;
end $$;

-- What DORA counts, finished from `from_time` to `to_time`, both inclusive; hours as in kpi.deployment_hours.
create function kpi.dora_hours(from_time timestamptz, to_time timestamptz, projects text[])
returns table (hour timestamptz, env text, deployments integer, failed integer, rated integer)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return query
    select t.at, t.env, coalesce(t.counts[array_position(t.buckets, 0::smallint)], 0),
           coalesce(t.counts[array_position(t.buckets, 1::smallint)], 0), coalesce(t.counts[array_position(t.buckets, 2::smallint)], 0)
    from seqpulse.tallies_of('dora', from_time, to_time, projects) t;
end $$;

-- The samples of judged deployments that started from `from_time` to `to_time`, both inclusive, and are not older than what is
-- kept of samples (kpi.sample_completeness); hours as in kpi.deployment_hours.
create function kpi.sample_hours(from_time timestamptz, to_time timestamptz, projects text[])
returns table (hour timestamptz, env text, judged integer, pre_complete integer, post_complete integer, complete integer)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return query
    select t.at, t.env, coalesce(t.counts[array_position(t.buckets, 0::smallint)], 0),
           coalesce(t.counts[array_position(t.buckets, 1::smallint)], 0), coalesce(t.counts[array_position(t.buckets, 2::smallint)], 0),
           coalesce(t.counts[array_position(t.buckets, 3::smallint)], 0)
    from seqpulse.tallies_of('samples', from_time, to_time, projects) t;
end $$;

-- Of chosen projects from the deployments themselves, of all (a null among them) as they are added up.
create function seqpulse.tallies_of(wanted text, from_time timestamptz, to_time timestamptz, projects text[])
returns table (at timestamptz, env text, buckets smallint[], counts integer[]) language plpgsql stable as $$
declare
  before_time timestamptz := to_time + interval '1 microsecond';
begin
  if array_position(projects, null) is not null then
    return query select t.at, t.env, t.buckets, t.counts from seqpulse.tallies(wanted, from_time, before_time, true) t;
    return;
  end if;
  return query select t.hour, t.env, t.buckets, t.counts from seqpulse.tally(wanted, from_time, before_time, projects) t;
end $$;

-- Marks the hours of these times, where they may be added up already.
create function seqpulse.mark_tallies(times timestamptz[]) returns void language sql as $$
  insert into seqpulse.kpi_tally_changes
  select distinct date_trunc('hour', t, 'UTC') from unnest(times) t where t < clock_timestamp() - interval '30 minutes'
$$;

-- When others of an environment are counted whose incident or recovery a deployment at this place may begin, continue or end:
-- what failed first since it was last well before, and the next after it that tells either, which the newest does not have.
create function seqpulse.told_by(of_project uuid, of_env text, at timestamptz, of_id uuid, newest boolean default false)
returns timestamptz[] language plpgsql stable set plan_cache_mode = force_generic_plan as $$
declare
  well_at timestamptz;
  well_id uuid;
  told timestamptz;
  all_told timestamptz[];
begin
  -- A statement a step: what the one found bounds the index of the next. Planned once: that takes longer than they do.
  if not newest then
    select o.finished_at into told from seqpulse.deployment_outcomes o
    where o.project_id = of_project and o.env = of_env and (o.started_at, o.deployment_id) > (at, of_id)
      and (o.outcome = 'failed' or o.restores)
    order by o.started_at, o.deployment_id limit 1;
    all_told := all_told || told;
    select v.created_at into told from seqpulse.deployments d join seqpulse.verdicts v on v.deployment_id = d.id
    where d.project_id = of_project and d.env = of_env and (d.started_at, d.id) > (at, of_id)
      and v.verdict in ('ok', 'rollback_recommended')
    order by d.started_at, d.id limit 1;
    all_told := all_told || told;
  end if;
  select o.started_at, o.deployment_id into well_at, well_id from seqpulse.deployment_outcomes o
  where o.project_id = of_project and o.env = of_env and (o.started_at, o.deployment_id) < (at, of_id) and o.restores
  order by o.started_at desc, o.deployment_id desc limit 1;
  well_at := coalesce(well_at, '-infinity');
  well_id := coalesce(well_id, of_id);
  select o.finished_at into told from seqpulse.deployment_outcomes o
  where o.project_id = of_project and o.env = of_env and (o.started_at, o.deployment_id) > (well_at, well_id)
    and (o.started_at, o.deployment_id) < (at, of_id) and o.outcome = 'failed'
  order by o.started_at, o.deployment_id limit 1;
  all_told := all_told || told;
  select d.started_at, d.id into well_at, well_id
  from seqpulse.deployments d join seqpulse.verdicts v on v.deployment_id = d.id
  where d.project_id = of_project and d.env = of_env and (d.started_at, d.id) < (at, of_id) and v.verdict = 'ok'
  order by d.started_at desc, d.id desc limit 1;
  well_at := coalesce(well_at, '-infinity');
  well_id := coalesce(well_id, of_id);
  select v.created_at into told from seqpulse.deployments d join seqpulse.verdicts v on v.deployment_id = d.id
  where d.project_id = of_project and d.env = of_env and (d.started_at, d.id) > (well_at, well_id)
    and (d.started_at, d.id) < (at, of_id) and v.verdict = 'rollback_recommended'
  order by d.started_at, d.id limit 1;
  return all_told || told;
end $$;

create function seqpulse.mark_tallies_of_deployment() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    perform seqpulse.mark_tallies(array[old.started_at, old.finished_at]
      || seqpulse.told_by(old.project_id, old.env, old.started_at, old.id));
  end if;
  if tg_op <> 'DELETE' then
    perform seqpulse.mark_tallies(array[new.started_at, new.finished_at]);
    if tg_op = 'UPDATE' then
      perform seqpulse.mark_tallies(seqpulse.told_by(new.project_id, new.env, new.started_at, new.id)
        || array(select v.created_at from seqpulse.verdicts v where v.deployment_id = new.id));
    end if;
  end if;
  return null;
end $$;
create trigger kpi_tally_inserted after insert on seqpulse.deployments
  for each row when (new.started_at < clock_timestamp() - interval '30 minutes')
  execute function seqpulse.mark_tallies_of_deployment();
create trigger kpi_tally_updated after update of state, env, started_at, finished_at, analyzed_at, commit_time, pipeline_result,
    origin, pre_expected, post_expected on seqpulse.deployments
  for each row when (least(old.started_at, new.started_at) < clock_timestamp() - interval '30 minutes'
    and (old.state, old.env, old.started_at, old.finished_at, old.analyzed_at, old.commit_time, old.pipeline_result, old.origin,
         old.pre_expected, old.post_expected)
      is distinct from (new.state, new.env, new.started_at, new.finished_at, new.analyzed_at, new.commit_time, new.pipeline_result,
         new.origin, new.pre_expected, new.post_expected))
  execute function seqpulse.mark_tallies_of_deployment();
create trigger kpi_tally_deleted after delete on seqpulse.deployments
  for each row when (old.started_at < clock_timestamp() - interval '30 minutes')
  execute function seqpulse.mark_tallies_of_deployment();

-- As before, and the tallies' hours too. Of almost every verdict nothing is marked: it is new, the newest of its environment,
-- and follows one after which all was well.
create or replace function seqpulse.mark_changed_hour_of_verdict() returns trigger language plpgsql
set plan_cache_mode = force_generic_plan as $$
declare
  d record;
  judged record;
begin
  judged := case when tg_op = 'DELETE' then old else new end;
  select id, project_id, env, started_at, finished_at into d from seqpulse.deployments where id = judged.deployment_id;
  if tg_table_name = 'verdicts' and tg_op <> 'INSERT' then
    perform seqpulse.mark_tallies(array[old.created_at]);
  end if;
  if d.id is null then return null; end if;
  if d.started_at < clock_timestamp() - interval '30 minutes' then
    insert into seqpulse.kpi_changed_hours values (date_trunc('hour', d.started_at, 'UTC'));
    perform seqpulse.mark_tallies(array[d.started_at, d.finished_at]);
    if tg_table_name = 'verdicts' then
      perform seqpulse.mark_tallies(array[judged.created_at]);
    end if;
  end if;
  if tg_op = 'INSERT' and tg_table_name = 'verdicts' and not exists (
    select from seqpulse.deployments later
    where later.project_id = d.project_id and later.env = d.env and (later.started_at, later.id) > (d.started_at, d.id))
  then
    if judged.verdict <> 'ok' then return null; end if;
    if coalesce((
      select v.verdict = 'ok' and f.correct is distinct from false
      from seqpulse.deployments e
      join seqpulse.verdicts v on v.deployment_id = e.id
      left join seqpulse.verdict_feedback f on f.deployment_id = e.id
      where e.project_id = d.project_id and e.env = d.env and (e.started_at, e.id) < (d.started_at, d.id)
        and (v.verdict in ('ok', 'rollback_recommended') or f.correct is not null)
      order by e.started_at desc, e.id desc limit 1), true)
    then return null; end if;
    perform seqpulse.mark_tallies(seqpulse.told_by(d.project_id, d.env, d.started_at, d.id, newest => true));
    return null;
  end if;
  perform seqpulse.mark_tallies(seqpulse.told_by(d.project_id, d.env, d.started_at, d.id));
  return null;
end $$;
create or replace trigger kpi_hour_judged after insert or delete or update of verdict, created_at on seqpulse.verdicts
  for each row execute function seqpulse.mark_changed_hour_of_verdict();
