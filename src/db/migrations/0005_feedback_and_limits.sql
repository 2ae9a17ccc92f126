-- Up Migration

-- Per project: the least changes that matter ({"latencyGrowth": 0.5, …}); one left out has the engine's default.
alter table seqpulse.projects add column limits jsonb not null default '{}';

-- What people say of a verdict. One row a deployment: who changes their mind replaces it.
create table seqpulse.verdict_feedback (
  deployment_id uuid primary key references seqpulse.verdicts on delete cascade,
  correct boolean not null,
  note text,
  given_at timestamptz not null
);
