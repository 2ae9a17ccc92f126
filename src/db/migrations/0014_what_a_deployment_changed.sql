-- Up Migration

-- What finish says of the traffic of what is read: a fall may be a loss, or the work of more instances.
alter table seqpulse.deployments
  add column instances_before integer check (instances_before > 0),
  add column instances_after integer check (instances_after > 0),
  add column traffic_share double precision check (traffic_share between 0 and 1);

-- What a confidence is worth: its interval, and the share right where deployments are as rarely bad as in the project.
-- null: judged before there was any.
alter table seqpulse.verdicts add column trust jsonb;
