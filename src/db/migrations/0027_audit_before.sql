-- Up Migration

-- What stood in the fields that a change was sent for, before it; of what may be secret or personal nothing.
alter table seqpulse.audit_entries add column before jsonb not null default '{}';
