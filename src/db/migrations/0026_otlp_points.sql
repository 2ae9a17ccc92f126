-- Up Migration

-- What was pushed by OTLP, as it came (src/sources/otlp/points.ts): differences are taken when it is read, so that no replica
-- need know what another one received. A row is of one environment, service and version, and of the ten seconds that begin
-- at at_ms (Unix time in milliseconds); its digest makes an export that is sent twice one. Kept for hours; what is longer of
-- use goes on in the ring. No foreign key: its check would lock the environment's row for every export.
create table seqpulse.otlp_points (
  project_id uuid not null,
  env text not null,
  at_ms bigint not null,
  digest bytea not null,
  service_name text not null,
  service_version text not null,
  points bytea not null,
  primary key (project_id, env, at_ms, digest)
);
-- For deleting what is old.
create index otlp_points_at on seqpulse.otlp_points (at_ms);
-- Rows come and go within hours.
alter table seqpulse.otlp_points set (autovacuum_vacuum_scale_factor = 0.1, autovacuum_analyze_scale_factor = 0.2);

-- As before; of what is asked, its identity says which kind it is.
create or replace view seqpulse.active_sources as
select e.project_id, e.name as env,
       case
         when chosen.identity is null then 'pull'
         when chosen.identity like 'otlp:%' then 'otlp'
         else 'prometheus'
       end as source_kind,
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
