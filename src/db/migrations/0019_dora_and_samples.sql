-- Up Migration

-- What is counted as a deployment by DORA's figures (docs/dora.md), one row each: what a pipeline that ended well put into
-- its environment, and whatever broke it, however its pipeline ended. Derived, so that feedback that comes late counts.
--   outcome   failed, succeeded, or null where nothing is known (yet)
--   restores  it was well after this deployment: an `attention` that nobody marked neither breaks nor restores
create view seqpulse.deployment_outcomes as
select *
from (
  select
    d.id as deployment_id,
    d.project_id,
    d.env,
    d.number,
    d.pipeline_result,
    d.started_at,
    d.finished_at,
    -- A commit from after the deployment is a wrong clock or a wrong field.
    case when d.commit_time <= d.finished_at then extract(epoch from d.finished_at - d.commit_time)::double precision end
      as lead_time_seconds,
    case v.verdict
      when 'ok' then case when f.correct = false then 'failed' else 'succeeded' end
      when 'attention' then case when f.correct then 'failed' else 'succeeded' end
      when 'rollback_recommended' then case when f.correct = false then 'succeeded' else 'failed' end
    end as outcome,
    case v.verdict
      when 'ok' then f.correct is distinct from false
      when 'attention' then f.correct is not distinct from false
      when 'rollback_recommended' then f.correct is not distinct from false
      else false
    end as restores
  from seqpulse.deployments d
  left join seqpulse.verdicts v on v.deployment_id = d.id
  left join seqpulse.verdict_feedback f on f.deployment_id = d.id
  where d.finished_at is not null
) finished
where pipeline_result = 'success' or outcome = 'failed';

-- The same with the incident that each one began, if it did: failures in a row are one, as in kpi.recoveries, which begins
-- with the first and ends with the next deployment after which it was well. restored_at stays null while it goes on.
create view seqpulse.dora_deployments as
select
  o.deployment_id,
  o.project_id,
  o.env,
  o.number,
  o.started_at,
  o.finished_at,
  o.outcome,
  o.lead_time_seconds,
  coalesce(o.outcome = 'failed', false) and before.outcome is distinct from 'failed' as begins_incident,
  whole.number as restored_by_number,
  whole.finished_at as restored_at,
  extract(epoch from whole.finished_at - o.finished_at)::double precision as seconds_to_restore
from seqpulse.deployment_outcomes o
-- Conditions on `o` stand inside, so that nobody looks for what only a failure has.
left join lateral (
  select earlier.outcome
  from seqpulse.deployment_outcomes earlier
  where o.outcome = 'failed'
    and earlier.project_id = o.project_id and earlier.env = o.env
    and (earlier.started_at, earlier.deployment_id) < (o.started_at, o.deployment_id)
    and (earlier.outcome = 'failed' or earlier.restores)
  order by earlier.started_at desc, earlier.deployment_id desc
  limit 1
) before on true
left join lateral (
  select later.number, later.finished_at
  from seqpulse.deployment_outcomes later
  where o.outcome = 'failed' and before.outcome is distinct from 'failed'
    and later.project_id = o.project_id and later.env = o.env
    and (later.started_at, later.deployment_id) > (o.started_at, o.deployment_id)
    and later.restores
  order by later.started_at, later.deployment_id
  limit 1
) whole on true;

create view kpi.dora_deployments as
select
  p.name as project,
  d.deployment_id,
  d.env,
  d.number,
  d.started_at,
  d.finished_at,
  d.outcome,
  d.lead_time_seconds,
  d.begins_incident,
  d.restored_by_number,
  d.restored_at,
  d.seconds_to_restore
from seqpulse.dora_deployments d
join seqpulse.projects p on p.id = d.project_id;

-- The five numbers of every deployment as they were read, from before it and after it: what src/baseline/evidence.ts
-- chooses to judge by, one row a reading.
create view kpi.deployment_samples as
select
  p.name as project,
  d.id as deployment_id,
  d.env,
  d.number,
  d.started_at,
  v.verdict,
  m.phase,
  m.collected_at,
  m.requests_per_sec,
  m.latency_p95,
  m.error_rate,
  m.cpu_usage,
  m.memory_usage
from seqpulse.deployments d
join seqpulse.projects p on p.id = d.project_id
left join seqpulse.verdicts v on v.deployment_id = d.id
left join seqpulse.deployment_baselines b on b.deployment_id = d.id
cross join lateral (
  select 'after' as phase, s.collected_at, s.requests_per_sec, s.latency_p95, s.error_rate, s.cpu_usage, s.memory_usage
  from seqpulse.samples s
  where s.deployment_id = d.id and s.phase = 'post'
  union all
  select 'before', s.collected_at, s.requests_per_sec, s.latency_p95, s.error_rate, s.cpu_usage, s.memory_usage
  from seqpulse.samples s
  where s.deployment_id = d.id and s.phase = 'pre'
    and case d.baseline_source
      when 'at_trigger' then true
      when 'last_good' then false
      else coalesce(cardinality(b.collected_at) < 15 or d.started_at - b.newest_at > interval '10 minutes', true)
    end
  union all
  select 'before', k.*
  from unnest(b.collected_at, b.requests_per_sec, b.latency_p95, b.error_rate, b.cpu_usage, b.memory_usage) k
  where d.baseline_source <> 'at_trigger'
) m;
