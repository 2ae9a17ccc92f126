-- Up Migration

-- How long the reading took, milliseconds; null: it was not asked for, but pushed, or it is of before.
alter table seqpulse.baseline_samples add column read_ms real;
