-- Up Migration

-- What a deployment's baseline was at its trigger: one row instead of up to 15 in samples, each with two index entries
-- and a check of its foreign key. Elements of one position belong together; oldest first.
create table seqpulse.deployment_baselines (
  deployment_id uuid primary key references seqpulse.deployments on delete cascade,
  -- of its samples; the retention goes by it
  newest_at timestamptz not null,
  collected_at timestamptz[] not null,
  requests_per_sec double precision[] not null,
  latency_p95 double precision[] not null,
  error_rate double precision[] not null,
  cpu_usage double precision[] not null,
  memory_usage double precision[] not null
);
create index deployment_baselines_newest_at on seqpulse.deployment_baselines (newest_at);

insert into seqpulse.deployment_baselines
select deployment_id, max(collected_at), array_agg(collected_at order by sequence),
  array_agg(requests_per_sec order by sequence), array_agg(latency_p95 order by sequence),
  array_agg(error_rate order by sequence), array_agg(cpu_usage order by sequence), array_agg(memory_usage order by sequence)
from seqpulse.samples where phase = 'baseline' group by deployment_id;
delete from seqpulse.samples where phase = 'baseline';
alter table seqpulse.samples drop constraint samples_phase_check;
-- Not valid: every row that is there fits, and looking at them all would lock the table meanwhile.
alter table seqpulse.samples add constraint samples_phase_check check (phase in ('pre', 'post')) not valid;
