-- Up Migration

-- A deployment gets its number right after the transaction that stores it: taken inside, the project's row would stay
-- locked from there to the commit, and the triggers of a project would queue behind each other's round trips.
alter table seqpulse.deployments alter column number drop not null;
create index deployments_without_number on seqpulse.deployments (started_at) where number is null;
