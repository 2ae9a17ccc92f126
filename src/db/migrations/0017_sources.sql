-- Up Migration

-- Sources that are asked, beside applications that are read (seqpulse.endpoints): one row a place; env '' = the project's
-- default.
create table seqpulse.sources (
  project_id uuid not null references seqpulse.projects on delete cascade,
  env text not null default '',
  -- what was set last and is not active yet, as PrometheusSettings in src/model/source.ts; its secrets are sealed
  candidate jsonb,
  candidate_credentials_encrypted bytea,
  -- a row of source_settings; null: no source of this table is active at the place, or one of endpoints came after it
  active_identity text,
  last_tested_at timestamptz,
  last_test_error text,
  primary key (project_id, env)
);

-- Settings that passed their test, by what they are: a deployment goes on with those it began with
-- (deployments.metrics_endpoint names them), whatever becomes active meanwhile.
create table seqpulse.source_settings (
  project_id uuid not null references seqpulse.projects on delete cascade,
  identity text not null,
  settings jsonb not null,
  credentials_encrypted bytea,
  primary key (project_id, identity)
);

-- As before, with what is asked: an environment's own source beats the project's, and where both kinds were activated at
-- one place, active_identity says which came last. url: of a pull source its endpoint, else its identity.
create or replace view seqpulse.active_sources as
select e.project_id, e.name as env,
       case when chosen.identity is null then 'pull' else 'prometheus' end as source_kind,
       coalesce(chosen.identity, chosen.endpoint) as url,
       p.hmac_secret_encrypted, settings.settings, settings.credentials_encrypted
from seqpulse.environments e
join seqpulse.projects p on p.id = e.project_id
left join seqpulse.endpoints own on own.project_id = e.project_id and own.env = e.name
left join seqpulse.endpoints preset on preset.project_id = e.project_id and preset.env = ''
left join seqpulse.sources own_asked on own_asked.project_id = e.project_id and own_asked.env = e.name
left join seqpulse.sources preset_asked on preset_asked.project_id = e.project_id and preset_asked.env = ''
cross join lateral (
  select case
      when own_asked.active_identity is not null then own_asked.active_identity
      when own.active_url is null then preset_asked.active_identity
    end as identity,
    coalesce(own.active_url, preset.active_url) as endpoint
) chosen
left join seqpulse.source_settings settings
  on settings.project_id = e.project_id and settings.identity = chosen.identity
where coalesce(chosen.identity, chosen.endpoint) is not null;

-- What a source knows of a sample beyond its five numbers: SampleFacts in src/model/sample.ts; null: nothing.
alter table seqpulse.samples add column facts jsonb;
-- One for each position, as the other lists; null where no sample has any.
alter table seqpulse.deployment_baselines add column facts jsonb[];
