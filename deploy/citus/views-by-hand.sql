-- What can't be read shard by shard as the migrations have it, nor by the rule of views.sql: after it.

create or replace view kpi.project_first_verdicts as
select
  p.name as project,
  p.created_at,
  f.first_verdict_at,
  extract(epoch from f.first_verdict_at - p.created_at)::double precision as seconds_to_first_verdict,
  case
    when f.first_verdict_at <= p.created_at + interval '72 hours' then true
    when f.first_verdict_at is not null or p.created_at <= now() - interval '72 hours' then false
  end as within_72h
from seqpulse.projects p
left join (
  select d.project_id, min(d.analyzed_at) as first_verdict_at from seqpulse.deployments d group by d.project_id
) f on f.project_id = p.id;

create or replace view kpi.deployment_samples as
select
  p.name as project,
  d.id as deployment_id,
  d.env,
  d.number,
  d.started_at,
  v.verdict,
  case m.phase when 'post' then 'after' else 'before' end as phase,
  m.collected_at,
  m.requests_per_sec,
  m.latency_p95,
  m.error_rate,
  m.cpu_usage,
  m.memory_usage,
  d.finished_at
from (
  select s.project_id, s.deployment_id, s.phase, s.collected_at, s.requests_per_sec, s.latency_p95, s.error_rate, s.cpu_usage,
         s.memory_usage
  from seqpulse.samples s
  union all
  select k.project_id, k.deployment_id, 'kept', unnest(k.collected_at), unnest(k.requests_per_sec), unnest(k.latency_p95),
         unnest(k.error_rate), unnest(k.cpu_usage), unnest(k.memory_usage)
  from seqpulse.deployment_baselines k
) m
join seqpulse.deployments d on d.id = m.deployment_id and d.project_id = m.project_id
join seqpulse.projects p on p.id = d.project_id
left join seqpulse.verdicts v on v.deployment_id = d.id and v.project_id = d.project_id
left join seqpulse.deployment_baselines b on b.deployment_id = d.id and b.project_id = d.project_id
where case m.phase
    when 'post' then true
    when 'kept' then d.baseline_source <> 'at_trigger'
    else case d.baseline_source
      when 'at_trigger' then true
      when 'last_good' then false
      else coalesce(cardinality(b.collected_at) < 15 or d.started_at - b.newest_at > interval '10 minutes', true)
    end
  end;

create or replace function kpi.worst_newest_verdict(from_time timestamptz, to_time timestamptz, projects text[], envs text[]) returns text
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  worst text;
begin
  select case when bool_or(n.verdict = 'rollback_recommended') then 'rollback_recommended'
    when bool_or(n.verdict = 'attention') then 'attention' when bool_or(n.verdict = 'ok') then 'ok' end into worst
  from (
    select distinct on (d.project_id, d.env) d.project_id, d.env, v.verdict
    from seqpulse.deployments d
    join seqpulse.verdicts v on v.deployment_id = d.id and v.project_id = d.project_id
    join seqpulse.projects p on p.id = d.project_id
    where d.started_at between from_time and to_time
      and (array_position(projects, null) is not null or p.name = any(projects))
      and (array_position(envs, null) is not null or d.env = any(envs))
    order by d.project_id, d.env, d.started_at desc, d.id desc) n;
  return worst;
end $$;
