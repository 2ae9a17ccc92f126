-- Up Migration

-- As before, with the faults that people's words tell of: an alarm called right was one, and so was an `ok` called wrong.
-- Of `fault`, the share `alarmed` is the recall. An `insufficient_data` promises nothing, so that it tells of none.
create or replace view kpi.feedback as
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
  f.given_at,
  v.verdict in ('attention', 'rollback_recommended') as alarmed,
  case v.verdict
    when 'ok' then not f.correct
    when 'insufficient_data' then false
    else f.correct
  end as fault
from seqpulse.verdict_feedback f
join seqpulse.verdicts v on v.deployment_id = f.deployment_id
join seqpulse.deployments d on d.id = f.deployment_id
join seqpulse.projects p on p.id = d.project_id;
