-- Up Migration

-- Per project: the least change that matters, by metric ({"latency_p95": 0.5, …}); a metric left out has the engine's default.
alter table seqpulse.projects add column limits jsonb not null default '{}';

-- What people say of a verdict. One row a deployment: who changes their mind replaces it.
create table seqpulse.verdict_feedback (
  deployment_id uuid primary key references seqpulse.verdicts on delete cascade,
  correct boolean not null,
  note text,
  given_at timestamptz not null
);
