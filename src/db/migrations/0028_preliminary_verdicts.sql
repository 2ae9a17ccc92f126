-- Up Migration

-- A rollback that was recommended before the window was over: at most one a deployment. `minute` counts from finish;
-- `outcome` is null until the verdict at the end confirms or withdraws it.
create table seqpulse.preliminary_verdicts (
  deployment_id uuid primary key references seqpulse.deployments on delete cascade,
  verdict text not null check (verdict = 'rollback_recommended'),
  confidence float8 not null,
  summary text not null,
  details jsonb not null,
  shape smallint not null,
  minute integer not null,
  created_at timestamptz not null,
  outcome text check (outcome in ('confirmed', 'withdrawn'))
);

-- Whoever waits for an early verdict is told on the channel of the ends.
create function seqpulse.tell_preliminary_verdict() returns trigger language plpgsql as $$
begin
  perform pg_catalog.pg_notify('seqpulse_deployment_end', new.deployment_id::text || ' early');
  return null;
end
$$;
create trigger preliminary_verdict after insert on seqpulse.preliminary_verdicts
  for each row execute function seqpulse.tell_preliminary_verdict();
