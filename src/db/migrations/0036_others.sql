-- Up Migration

-- What the other projects of the environment did in the same minutes, where an alarm was looked at beside them; null: it was
-- not. `BesideOthers` in src/verdict/others/beside-others.ts; its version is `shape`.
alter table seqpulse.verdicts add column others jsonb;
