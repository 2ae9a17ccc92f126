-- Up Migration

-- What to look at first, as Hint[] in src/verdict/types.ts. null: judged before there were any.
alter table seqpulse.verdicts add column hints jsonb;

-- Tries to read for a deployment that failed, counted, with what the last one met. No row: none did.
create table seqpulse.failed_reads (
  deployment_id uuid primary key references seqpulse.deployments on delete cascade,
  tries integer not null,
  last_phase text not null check (last_phase in ('pre', 'post')),
  last_error text not null,
  last_error_at timestamptz not null
);
