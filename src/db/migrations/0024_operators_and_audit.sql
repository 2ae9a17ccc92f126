-- Up Migration

-- People and programs that sign in beside the admin token. SHA-256 is enough for tokens of 256 random bits.
create table seqpulse.operators (
  id uuid primary key,
  name text not null unique,
  role text not null check (role in ('admin', 'viewer')),
  token_sha256 bytea not null unique,
  created_at timestamptz not null,
  -- to the minute
  last_used_at timestamptz
);

-- Who did what. Written before it is done (status null), and again when it is: what a dying process may have done is
-- there too. Names are copied: an operator that was removed stays in what it did.
create table seqpulse.audit_entries (
  id uuid primary key,
  at timestamptz not null,
  actor_kind text not null check (actor_kind in ('admin_token', 'operator', 'project_key', 'service')),
  actor_id uuid,
  actor text not null,
  action text not null,
  -- by the names of the path: {"id": "…"}
  subject jsonb not null,
  -- fields that were sent; of those that may be secret or personal only that they were
  changes jsonb not null,
  -- of the answer; null: it was never given
  status integer
);
create index audit_entries_newest_first on seqpulse.audit_entries (at desc, id desc);
