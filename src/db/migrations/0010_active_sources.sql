-- Up Migration

-- Which source is active for a place (a project's environment): its own, else the project's default. No row: none is.
create view seqpulse.active_sources as
select e.project_id, e.name as env, 'pull' as source_kind, coalesce(own.active_url, preset.active_url) as url,
       p.hmac_secret_encrypted
from seqpulse.environments e
join seqpulse.projects p on p.id = e.project_id
left join seqpulse.endpoints own on own.project_id = e.project_id and own.env = e.name
left join seqpulse.endpoints preset on preset.project_id = e.project_id and preset.env = ''
where coalesce(own.active_url, preset.active_url) is not null;
