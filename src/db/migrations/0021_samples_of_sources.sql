-- Up Migration

-- As before; but a source that holds the past tells it at the trigger, and nothing is read before the deployment
-- (pre_expected 0). Then "before" are the samples that it told: complete when there are any, and their numbers count too.
create or replace view kpi.sample_completeness as
select
  d.id as deployment_id,
  p.name as project,
  d.env,
  d.number,
  d.started_at,
  d.analyzed_at,
  case when d.pre_expected = 0 then coalesce(told.samples, 0) else d.pre_expected end as pre_expected,
  case when d.pre_expected = 0 then coalesce(told.samples, 0) else s.pre_stored end as pre_stored,
  d.post_expected,
  s.post_stored,
  case when d.pre_expected = 0 then coalesce(told.samples, 0) > 0 else s.pre_stored >= d.pre_expected end as pre_complete,
  s.post_stored >= d.post_expected as post_complete,
  case when d.pre_expected = 0 then coalesce(told.samples, 0) > 0 else s.pre_stored >= d.pre_expected end
    and s.post_stored >= d.post_expected as complete,
  s.numbers_missing + coalesce(told.numbers_missing, 0) as numbers_missing
from seqpulse.deployments d
join seqpulse.projects p on p.id = d.project_id
cross join lateral (
  select
    (count(*) filter (where m.phase = 'pre'))::integer as pre_stored,
    (count(*) filter (where m.phase = 'post'))::integer as post_stored,
    coalesce(sum(num_nulls(m.requests_per_sec, m.latency_p95, m.error_rate, m.cpu_usage, m.memory_usage)), 0)::integer
      as numbers_missing
  from seqpulse.samples m
  where m.deployment_id = d.id
) s
left join lateral (
  select
    cardinality(b.collected_at) as samples,
    -- array_remove takes the nulls out.
    5 * cardinality(b.collected_at)
      - cardinality(array_remove(b.requests_per_sec, null)) - cardinality(array_remove(b.latency_p95, null))
      - cardinality(array_remove(b.error_rate, null)) - cardinality(array_remove(b.cpu_usage, null))
      - cardinality(array_remove(b.memory_usage, null)) as numbers_missing
  from seqpulse.deployment_baselines b
  where b.deployment_id = d.id and d.pre_expected = 0
) told on true
where d.state = 'analyzed'
  and d.started_at >= coalesce(
    (select min(oldest.collected_at) - interval '1 minute' from seqpulse.samples oldest), '-infinity');
