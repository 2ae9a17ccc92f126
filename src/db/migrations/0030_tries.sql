-- Up Migration

-- How often it was tried; null: stored before this was noted.
alter table seqpulse.job_failures add column tries smallint check (tries > 0);
