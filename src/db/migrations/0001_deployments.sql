-- Up Migration

create table seqpulse.projects (
  id uuid primary key,
  name text not null unique,
  observation_window_minutes integer not null check (observation_window_minutes in (5, 15, 30)),
  finish_deadline_minutes integer not null check (finish_deadline_minutes > 0),
  -- AES-256-GCM; null = HMAC is off
  hmac_secret_encrypted bytea,
  last_deployment_number integer not null default 0,
  created_at timestamptz not null
);
create index projects_newest_first on seqpulse.projects (created_at desc, id desc);

create table seqpulse.environments (
  project_id uuid not null references seqpulse.projects on delete cascade,
  name text not null,
  primary key (project_id, name)
);

-- env '' is the project's default endpoint; an environment's own row wins over it.
create table seqpulse.endpoints (
  project_id uuid not null references seqpulse.projects on delete cascade,
  env text not null default '',
  candidate_url text,
  active_url text,
  last_tested_at timestamptz,
  last_test_error text,
  primary key (project_id, env)
);

-- SHA-256 is enough for keys of 128 random bits: there is nothing to guess, so nothing to slow down.
create table seqpulse.api_keys (
  key_sha256 bytea primary key,
  project_id uuid not null references seqpulse.projects on delete cascade,
  created_at timestamptz not null,
  -- null = the current key; a rotated one works on until then
  expires_at timestamptz
);
create index api_keys_project on seqpulse.api_keys (project_id);

create table seqpulse.deployments (
  id uuid primary key,
  project_id uuid not null references seqpulse.projects on delete cascade,
  env text not null,
  number integer not null,
  branch text,
  idempotency_key text,
  state text not null check (state in ('running', 'finished', 'analyzed', 'abandoned')),
  pipeline_result text check (pipeline_result in ('success', 'failed')),
  -- the endpoint in force at the trigger: before and after are read at one place, whatever is set meanwhile
  metrics_endpoint text not null,
  started_at timestamptz not null,
  finish_deadline_at timestamptz not null,
  finished_at timestamptz,
  window_ends_at timestamptz,
  analyzed_at timestamptz,
  superseded_by uuid,
  pre_expected integer not null,
  post_expected integer,
  -- post collects that were stored, given up or cancelled; the analysis waits for post_expected of them
  post_settled integer not null default 0,
  collection_ended text check (collection_ended in ('superseded', 'hmac_refused')),
  -- W3C traceparent of the trigger, so that what follows can be linked to it
  trace_parent text,
  unique (project_id, number)
);
-- The two promises of POST /deployments/trigger, kept by the database and not by a check before the insert.
create unique index deployments_idempotency on seqpulse.deployments (project_id, env, idempotency_key)
  where idempotency_key is not null;
create unique index deployments_one_running on seqpulse.deployments (project_id, env) where state = 'running';
create index deployments_observed on seqpulse.deployments (project_id, env) where state = 'finished';
create index deployments_overdue_finish on seqpulse.deployments (finish_deadline_at) where state = 'running';
-- Keyset pagination, newest first: over all, of a project, of a project's environment.
create index deployments_newest_first on seqpulse.deployments (started_at desc, id desc);
create index deployments_project_newest_first on seqpulse.deployments (project_id, started_at desc, id desc);
create index deployments_env_newest_first on seqpulse.deployments (project_id, env, started_at desc, id desc);

create table seqpulse.samples (
  deployment_id uuid not null references seqpulse.deployments on delete cascade,
  phase text not null check (phase in ('pre', 'post')),
  sequence smallint not null,
  due_at timestamptz not null,
  collected_at timestamptz not null,
  requests_per_sec double precision not null,
  latency_p95 double precision not null,
  error_rate double precision not null,
  cpu_usage double precision not null,
  memory_usage double precision not null,
  primary key (deployment_id, phase, sequence)
);
create index samples_collected_at on seqpulse.samples (collected_at);

create table seqpulse.verdicts (
  deployment_id uuid primary key references seqpulse.deployments on delete cascade,
  verdict text not null check (verdict in ('ok', 'attention', 'rollback_recommended', 'insufficient_data')),
  confidence double precision not null check (confidence between 0 and 1),
  summary text not null,
  details jsonb not null,
  created_at timestamptz not null
);
create index verdicts_created_at on seqpulse.verdicts (created_at);

-- One row for each job that gave up for good; the primary key is what makes "recorded exactly once" true.
create table seqpulse.job_failures (
  job_id uuid primary key,
  job_type text not null check (job_type in ('pre_collect', 'post_collect', 'analysis')),
  deployment_id uuid references seqpulse.deployments on delete cascade,
  sequence smallint,
  reason text not null,
  failed_at timestamptz not null
);
create index job_failures_failed_at on seqpulse.job_failures (failed_at);
create index job_failures_deployment on seqpulse.job_failures (deployment_id);

-- One row: which secret key this database's encrypted values belong to, so that a replica started with
-- another key stops at once instead of failing at the first signed read.
create table seqpulse.installation (
  only_row boolean primary key default true check (only_row),
  secret_key_check bytea not null
);
