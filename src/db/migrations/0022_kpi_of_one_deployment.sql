-- Up Migration

-- As before, with what people and CI call a deployment.
create or replace view kpi.deployments as
select
  d.id as deployment_id,
  p.name as project,
  d.env,
  d.number,
  d.branch,
  d.state,
  d.pipeline_result,
  d.started_at,
  d.finished_at,
  d.analyzed_at,
  d.superseded_by is not null as superseded,
  v.verdict,
  v.confidence,
  v.summary,
  extract(epoch from d.analyzed_at - d.started_at)::double precision as seconds_to_verdict,
  d.version,
  d.commit_sha,
  d.service,
  coalesce(d.pipeline_outcome, d.pipeline_result) as pipeline_outcome
from seqpulse.deployments d
join seqpulse.projects p on p.id = d.project_id
left join seqpulse.verdicts v on v.deployment_id = d.id;

-- As before, with the finish: whoever looks at a range of time need not read the samples of what ended before it.
create or replace view kpi.deployment_samples as
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
  m.memory_usage,
  d.finished_at
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
