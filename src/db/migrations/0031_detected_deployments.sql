-- Up Migration

-- Who began it: CI's trigger, or its version, which took requests without anybody having announced it.
alter table seqpulse.deployments
  add column origin text not null default 'ci' check (origin in ('ci', 'detected'));
-- However many replicas see a version come in the same minute: one deployment.
create table seqpulse.detections (
  project_id uuid not null,
  env text not null,
  version text not null,
  started_at timestamptz not null,
  deployment_id uuid not null references seqpulse.deployments on delete cascade,
  primary key (project_id, env, version, started_at)
);
create index detections_deployment on seqpulse.detections (deployment_id);

-- Which versions serve an environment: the minute (Unix time / 60) that a replica took to look at it, and what had been
-- seen by then, as VersionWatch in src/model/version-watch.ts; null: nothing yet.
create table seqpulse.version_watches (
  project_id uuid not null,
  env text not null,
  minute bigint not null,
  state jsonb,
  primary key (project_id, env),
  foreign key (project_id, env) references seqpulse.environments on delete cascade
);

-- As before, and a deployment that was found is one although no pipeline said how it ended.
create or replace view seqpulse.deployment_outcomes as
select deployment_id, project_id, env, number, pipeline_result, started_at, finished_at, lead_time_seconds, outcome, restores
from (
  select
    d.id as deployment_id,
    d.project_id,
    d.env,
    d.number,
    d.pipeline_result,
    d.started_at,
    d.finished_at,
    -- A commit from after the deployment is a wrong clock or a wrong field.
    case when d.commit_time <= d.finished_at then extract(epoch from d.finished_at - d.commit_time)::double precision end
      as lead_time_seconds,
    case v.verdict
      when 'ok' then case when f.correct = false then 'failed' else 'succeeded' end
      when 'attention' then case when f.correct then 'failed' else 'succeeded' end
      when 'rollback_recommended' then case when f.correct = false then 'succeeded' else 'failed' end
    end as outcome,
    case v.verdict
      when 'ok' then f.correct is distinct from false
      when 'attention' then f.correct is not distinct from false
      when 'rollback_recommended' then f.correct is not distinct from false
      else false
    end as restores,
    d.origin
  from seqpulse.deployments d
  left join seqpulse.verdicts v on v.deployment_id = d.id
  left join seqpulse.verdict_feedback f on f.deployment_id = d.id
  where d.finished_at is not null
) finished
where pipeline_result = 'success' or outcome = 'failed' or (origin = 'detected' and pipeline_result is null);
