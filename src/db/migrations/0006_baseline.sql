-- Up Migration

alter table seqpulse.projects add column baseline text not null default 'continuous'
  check (baseline in ('continuous', 'at_trigger'));

-- When within the minute an environment is read. Steps of the golden section (37081 / 60000) spread any run of
-- neighbours over the minute as evenly as can be; being coprime with 60000 it meets every millisecond before the first twice.
create sequence seqpulse.read_phases;
alter table seqpulse.environments add column read_phase_ms integer not null
  default (nextval('seqpulse.read_phases') * 37081 % 60000);
create index environments_read_phase on seqpulse.environments (read_phase_ms);

-- Whose turn it is: one row for each second of the minute, with the minute (Unix time / 60) in which a replica last took
-- it. Taking it is one update: of any number of replicas one reads, and a dead one holds up nobody.
create table seqpulse.baseline_turns (
  second smallint primary key,
  minute bigint not null
) with (fillfactor = 10);
insert into seqpulse.baseline_turns select second, 0 from generate_series(0, 59) second;

-- What is read under one number: an environment at one address. A new endpoint is a new series, so that readings of two
-- places never make one baseline.
create table seqpulse.baseline_series (
  id integer primary key generated always as identity,
  project_id uuid not null,
  env text not null,
  url text not null,
  -- an address may be longer than what fits into an index
  url_sha256 bytea not null,
  created_at timestamptz not null,
  unique (project_id, env, url_sha256),
  foreign key (project_id, env) references seqpulse.environments (project_id, name) on delete cascade
);

-- The ring: a partition for each hour, used again 170 hours later and truncated first (baseline_slots says whose hour is in
-- it). No run-time DDL, no deleting, nothing for vacuum. Rows are 60 bytes: metrics as real (7 digits; their noise is
-- percents) and no foreign key, whose check would lock a row of baseline_series for every sample. Series ids are never
-- used again, so what is left of a deleted one is out of reach until its hour is truncated.
create table seqpulse.baseline_samples (
  -- Unix time in milliseconds
  collected_ms bigint not null,
  series integer not null,
  requests_per_sec real not null,
  latency_p95 real not null,
  error_rate real not null,
  cpu_usage real not null,
  memory_usage real not null
) partition by list ((collected_ms / 3600000 % 170));
-- By series alone: its 60 samples an hour share one key (deduplicated, 7 bytes a sample instead of 30).
create index baseline_samples_series on seqpulse.baseline_samples (series);
do $$
begin
  for slot in 0..169 loop
    execute format(
      'create table seqpulse.baseline_samples_%s partition of seqpulse.baseline_samples for values in (%s)
       with (autovacuum_enabled = off)', lpad(slot::text, 3, '0'), slot);
  end loop;
end $$;
-- hour: Unix time / 3600 of the samples in it; null = empty.
create table seqpulse.baseline_slots (
  slot smallint primary key,
  hour bigint
);
insert into seqpulse.baseline_slots select slot, null from generate_series(0, 169) slot;

-- Phase `baseline`: samples from the ring, or from an earlier deployment's evidence, as they were at the trigger.
alter table seqpulse.samples drop constraint samples_phase_check;
-- Not valid: every row that is there fits, and looking at them all would lock the table meanwhile.
alter table seqpulse.samples add constraint samples_phase_check check (phase in ('baseline', 'pre', 'post')) not valid;

-- Which samples from before a deployment is judged by, settled at its trigger:
--   at_trigger  those read at the trigger
--   continuous  phase `baseline`, from the ring
--   last_good   phase `baseline`, from before the deployment that went wrong
alter table seqpulse.deployments add column baseline_source text not null default 'at_trigger'
  check (baseline_source in ('at_trigger', 'continuous', 'last_good'));
-- What people are told about that choice, one clause; null where there is nothing to tell.
alter table seqpulse.deployments add column baseline_note text;
