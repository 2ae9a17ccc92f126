-- Up Migration

-- The deployment with which the state began that the baseline shows; null: none is known.
alter table seqpulse.deployments add column baseline_good_since uuid;

-- Why the last reading between deployments failed, told when it begins to fail or fails differently; null: none did.
alter table seqpulse.environments
  add column read_error text,
  add column read_error_at timestamptz;
