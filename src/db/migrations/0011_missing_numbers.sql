-- Up Migration

-- A number of a sample may be unknown: the application does not measure it, or it was out of range. The other four count.
alter table seqpulse.samples
  alter column requests_per_sec drop not null,
  alter column latency_p95 drop not null,
  alter column error_rate drop not null,
  alter column cpu_usage drop not null,
  alter column memory_usage drop not null,
  -- {"cpu_usage": "out_of_range"}: why each null is one (MISSING_REASONS in src/verdict/types.ts); null: none is.
  add column missing jsonb;
alter table seqpulse.baseline_samples
  alter column requests_per_sec drop not null,
  alter column latency_p95 drop not null,
  alter column error_rate drop not null,
  alter column cpu_usage drop not null,
  alter column memory_usage drop not null;
