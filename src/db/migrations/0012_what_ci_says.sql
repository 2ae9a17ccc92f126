-- Up Migration

-- What CI says of a deployment, for people to read: nothing is decided by it.
alter table seqpulse.deployments
  add column version text,
  add column commit_sha text,
  add column commit_time timestamptz,
  add column build_url text,
  add column actor text,
  add column service text,
  -- the word that finish sent; pipeline_result is what it comes to
  add column pipeline_outcome text
    check (pipeline_outcome in ('success', 'failed', 'failure', 'cancelled', 'canceled', 'skipped')),
  -- its trigger said `supersede`: the same request sent again must not supersede what it has just made
  add column by_superseding boolean not null default false;
