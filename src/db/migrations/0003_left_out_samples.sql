-- Up Migration

-- Samples that a verdict did not use, with the reason: [{phase, reason, count, text}].
alter table seqpulse.verdicts add column left_out jsonb not null default '[]';
