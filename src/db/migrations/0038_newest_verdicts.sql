-- Up Migration

-- The newest verdicts of a kind, and the newest that somebody marked as wrong: marks and a table that show a hundred of them must
-- not read all of a month.
create index verdicts_newest_of_kind on seqpulse.verdicts (verdict, created_at desc);
create index verdict_feedback_newest_wrong on seqpulse.verdict_feedback (given_at desc) where not correct;

-- As before, with the time of the verdict as the verdict has it: analyzed_at is the deployment's.
create or replace view kpi.deployments as
select
  d.id as deployment_id,
  p.name as project,
  d.env,
  d.number,
  d.branch,
  d.state,
  d.pipeline_result,
  d.started_at,
  d.finished_at,
  d.analyzed_at,
  d.superseded_by is not null as superseded,
  v.verdict,
  v.confidence,
  v.summary,
  extract(epoch from d.analyzed_at - d.started_at)::double precision as seconds_to_verdict,
  d.version,
  d.commit_sha,
  d.service,
  coalesce(d.pipeline_outcome, d.pipeline_result) as pipeline_outcome,
  v.created_at as judged_at
from seqpulse.deployments d
join seqpulse.projects p on p.id = d.project_id
left join seqpulse.verdicts v on v.deployment_id = d.id;
