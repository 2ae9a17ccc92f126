-- Up Migration

-- Second looks at an `ok` that are still to come, with what is needed then of the day before: its readings will be gone.
create table seqpulse.late_looks (
  deployment_id uuid not null references seqpulse.deployments on delete cascade,
  hours smallint not null,
  due_at timestamptz not null,
  day_before jsonb not null,
  primary key (deployment_id, hours)
);
create index late_looks_due on seqpulse.late_looks (due_at);

-- What they said: a row a check, which never changes the verdict.
create table seqpulse.late_checks (
  deployment_id uuid not null references seqpulse.deployments on delete cascade,
  hours smallint not null,
  verdict text not null check (verdict in ('ok', 'attention', 'insufficient_data')),
  confidence float8 not null,
  summary text not null,
  details jsonb not null,
  shape smallint not null,
  created_at timestamptz not null,
  primary key (deployment_id, hours)
);

-- Who wants to know of deployments that need attention wants to know of those that turn out to later.
update seqpulse.notification_channels set events = events || '{late_attention}'
where 'attention' = any(events) and not 'late_attention' = any(events);
