-- Up Migration

-- Whoever waits for a deployment's end is told of it, whichever replica and whichever road ended it. Sent at the commit,
-- so that what is read then is there.
create function seqpulse.tell_deployment_end() returns trigger language plpgsql as $$
begin
  perform pg_catalog.pg_notify('seqpulse_deployment_end', new.id::text);
  return null;
end
$$;
create trigger deployment_end after update of state on seqpulse.deployments
  for each row when (new.state in ('analyzed', 'abandoned') and old.state is distinct from new.state)
  execute function seqpulse.tell_deployment_end();
