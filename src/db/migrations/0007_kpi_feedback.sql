-- Up Migration

-- What people said of verdicts, one row a deployment: the newest word. The note is theirs, as they wrote it.
create view kpi.feedback as
select
  d.id as deployment_id,
  p.name as project,
  d.env,
  d.number,
  d.started_at,
  v.verdict,
  v.confidence,
  v.summary,
  f.correct,
  f.note,
  f.given_at
from seqpulse.verdict_feedback f
join seqpulse.verdicts v on v.deployment_id = f.deployment_id
join seqpulse.deployments d on d.id = f.deployment_id
join seqpulse.projects p on p.id = d.project_id;
