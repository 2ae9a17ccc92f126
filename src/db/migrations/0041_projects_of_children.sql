-- Up Migration

-- Whose each row is: what belongs to a deployment can then lie with all else of its project, where the tables are distributed by
-- project (docs/decisions/0017). Null in rows of before, which deploy/citus/fill.sql fills: nobody else asks for it yet.
alter table seqpulse.samples add column project_id uuid;
alter table seqpulse.deployment_baselines add column project_id uuid;
alter table seqpulse.verdicts add column project_id uuid;
alter table seqpulse.verdict_feedback add column project_id uuid;
alter table seqpulse.failed_reads add column project_id uuid;
alter table seqpulse.preliminary_verdicts add column project_id uuid;
alter table seqpulse.late_looks add column project_id uuid;
alter table seqpulse.late_checks add column project_id uuid;

-- For what a replica of an earlier release stores: it names no project.
create function seqpulse.fill_project_id() returns trigger language plpgsql as $$
begin
  select d.project_id into new.project_id from seqpulse.deployments d where d.id = new.deployment_id;
  return new;
end $$;
create trigger fill_project_id before insert on seqpulse.samples
  for each row when (new.project_id is null) execute function seqpulse.fill_project_id();
create trigger fill_project_id before insert on seqpulse.deployment_baselines
  for each row when (new.project_id is null) execute function seqpulse.fill_project_id();
create trigger fill_project_id before insert on seqpulse.verdicts
  for each row when (new.project_id is null) execute function seqpulse.fill_project_id();
create trigger fill_project_id before insert on seqpulse.verdict_feedback
  for each row when (new.project_id is null) execute function seqpulse.fill_project_id();
create trigger fill_project_id before insert on seqpulse.failed_reads
  for each row when (new.project_id is null) execute function seqpulse.fill_project_id();
create trigger fill_project_id before insert on seqpulse.preliminary_verdicts
  for each row when (new.project_id is null) execute function seqpulse.fill_project_id();
create trigger fill_project_id before insert on seqpulse.late_looks
  for each row when (new.project_id is null) execute function seqpulse.fill_project_id();
create trigger fill_project_id before insert on seqpulse.late_checks
  for each row when (new.project_id is null) execute function seqpulse.fill_project_id();
