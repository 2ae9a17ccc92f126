-- Up Migration

-- The version of the JSON that stands beside it (src/db/stored-shapes.ts); null: of a row before there were versions.
alter table seqpulse.verdicts add column shape smallint;
alter table seqpulse.projects add column limits_shape smallint not null default 1;
