-- Up Migration

-- The service tells of ends and early verdicts itself, after the commit (src/db/connection/tell-ends.ts): PostgreSQL lets
-- one transaction that notifies commit at a time, its flush to the disk included. The triggers stay until no replica may
-- serve that knows nothing of that; who waits on one meanwhile is answered within ten seconds.
create or replace function seqpulse.tell_deployment_end() returns trigger language plpgsql as $$
begin
  return null;
end
$$;
create or replace function seqpulse.tell_preliminary_verdict() returns trigger language plpgsql as $$
begin
  return null;
end
$$;
