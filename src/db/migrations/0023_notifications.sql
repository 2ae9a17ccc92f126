-- Up Migration

-- Whom the service tells: of a project, or (project_id null) of the whole installation.
create table seqpulse.notification_channels (
  id uuid primary key,
  project_id uuid references seqpulse.projects on delete cascade,
  kind text not null check (kind in ('webhook', 'slack', 'mail')),
  name text not null,
  events text[] not null,
  -- null: all
  envs text[],
  enabled boolean not null default true,
  -- ChannelTarget in src/model/notification.ts, AES-256-GCM: an address may be a secret itself
  target_encrypted bytea not null,
  created_at timestamptz not null,
  last_delivered_at timestamptz,
  failing_since timestamptz,
  last_error text
);
create index notification_channels_project on seqpulse.notification_channels (project_id, created_at desc, id desc);

-- One row for each message and channel, stored by the transaction that made what it tells. Neither its project nor its
-- channel is referenced: a verdict would hold what the deletion of a project wants, and the other way round. What has
-- lost its channel is deleted by the hourly pruning.
create table seqpulse.notification_outbox (
  -- also what receivers tell repetitions by (webhook-id, Message-ID)
  id uuid primary key,
  channel_id uuid not null,
  project_id uuid,
  env text,
  deployment_id uuid references seqpulse.deployments on delete cascade,
  event text not null,
  -- OccurrenceFacts in src/model/notification.ts
  facts jsonb not null,
  occurred_at timestamptz not null,
  state text not null default 'waiting' check (state in ('waiting', 'delivered', 'given_up')),
  -- made once, before the first attempt, so that every attempt sends the same; null again at the end
  body text,
  -- one sentence, for the list of deliveries
  summary text,
  attempts integer not null default 0,
  due_at timestamptz not null,
  -- somebody is sending it until then at the most
  claimed_until timestamptz,
  ended_at timestamptz,
  last_error text
);
create index notification_outbox_due on seqpulse.notification_outbox (due_at) where state = 'waiting';
create index notification_outbox_claimed on seqpulse.notification_outbox (claimed_until)
  where state = 'waiting' and claimed_until is not null;
create index notification_outbox_channel on seqpulse.notification_outbox (channel_id, occurred_at desc, id desc);
create index notification_outbox_deployment on seqpulse.notification_outbox (deployment_id);
create index notification_outbox_ended on seqpulse.notification_outbox (ended_at) where state <> 'waiting';

-- Environments whose source can't be read, told once each time.
create table seqpulse.source_outages (
  project_id uuid not null,
  env text not null,
  since timestamptz not null,
  reason text not null,
  -- null: it still can't be read
  recovered_at timestamptz,
  primary key (project_id, env),
  foreign key (project_id, env) references seqpulse.environments (project_id, name) on delete cascade
);
