-- Up Migration

-- A number of a sample may be unknown: the application does not measure it, or it was out of range. The other four count.
alter table seqpulse.samples
  alter column requests_per_sec drop not null,
  alter column latency_p95 drop not null,
  alter column error_rate drop not null,
  alter column cpu_usage drop not null,
  alter column memory_usage drop not null,
  -- {"cpu_usage": "out_of_range"}: why each null is one (MISSING_REASONS in src/verdict/types.ts); null: none is.
  add column missing jsonb;
alter table seqpulse.baseline_samples
  alter column requests_per_sec drop not null,
  alter column latency_p95 drop not null,
  alter column error_rate drop not null,
  alter column cpu_usage drop not null,
  alter column memory_usage drop not null;

-- As before, and how many numbers its samples lack (five of a sample that is there; a sample that is not counts above).
create or replace view kpi.sample_completeness as
select
  d.id as deployment_id,
  p.name as project,
  d.env,
  d.number,
  d.started_at,
  d.analyzed_at,
  d.pre_expected,
  s.pre_stored,
  d.post_expected,
  s.post_stored,
  s.pre_stored >= d.pre_expected as pre_complete,
  s.post_stored >= d.post_expected as post_complete,
  s.pre_stored >= d.pre_expected and s.post_stored >= d.post_expected as complete,
  s.numbers_missing
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
where d.state = 'analyzed'
  and d.started_at >= coalesce(
    (select min(oldest.collected_at) - interval '1 minute' from seqpulse.samples oldest), '-infinity');
