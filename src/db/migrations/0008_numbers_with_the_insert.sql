-- Up Migration

-- Triggers that come together are stored together, by one transaction of a process at a time: a project's row is held
-- for one insert and one commit, however many of its triggers wait. So the number is given with the insert after all,
-- and a deployment without one no longer exists.
with waiting as (
  select id, project_id, row_number() over (partition by project_id order by started_at, id) as place
  from seqpulse.deployments where number is null)
update seqpulse.deployments d set number = p.last_deployment_number + w.place
from waiting w join seqpulse.projects p on p.id = w.project_id
where d.id = w.id;
update seqpulse.projects p set last_deployment_number = greatest(p.last_deployment_number,
  coalesce((select max(d.number) from seqpulse.deployments d where d.project_id = p.id), 0));
drop index seqpulse.deployments_without_number;
alter table seqpulse.deployments alter column number set not null;

-- Its predicate must not follow from `state = 'running'` alone. On tables without statistics (the first minute of an
-- installation) PostgreSQL took this index for the cheapest way to the one running deployment of an environment, a
-- prepared statement kept that plan, and each trigger walked over every running deployment there was.
drop index seqpulse.deployments_overdue_finish;
create index deployments_overdue_finish on seqpulse.deployments (finish_deadline_at)
  where state = 'running' and finish_deadline_at > '-infinity';
