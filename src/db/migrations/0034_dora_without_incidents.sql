-- Up Migration

-- As before, written so that PostgreSQL leaves out the looks for incidents where nobody asks for one (a count, a lead time):
-- an aggregate without groups is one row for certain, and a left join to such that is not read falls away; to `limit 1` it
-- does not.
create or replace view seqpulse.dora_deployments as
select
  o.deployment_id,
  o.project_id,
  o.env,
  o.number,
  o.started_at,
  o.finished_at,
  o.outcome,
  o.lead_time_seconds,
  coalesce(o.outcome = 'failed', false) and before.outcome is distinct from 'failed' as begins_incident,
  whole.number as restored_by_number,
  whole.finished_at as restored_at,
  extract(epoch from whole.finished_at - o.finished_at)::double precision as seconds_to_restore
from seqpulse.deployment_outcomes o
-- Conditions on `o` stand inside, so that nobody looks for what only a failure has.
left join lateral (
  select max(newest.outcome) as outcome
  from (
    select earlier.outcome
    from seqpulse.deployment_outcomes earlier
    where o.outcome = 'failed'
      and earlier.project_id = o.project_id and earlier.env = o.env
      and (earlier.started_at, earlier.deployment_id) < (o.started_at, o.deployment_id)
      and (earlier.outcome = 'failed' or earlier.restores)
    order by earlier.started_at desc, earlier.deployment_id desc
    limit 1
  ) newest
) before on true
left join lateral (
  select max(next.number) as number, max(next.finished_at) as finished_at
  from (
    select later.number, later.finished_at
    from seqpulse.deployment_outcomes later
    where o.outcome = 'failed' and before.outcome is distinct from 'failed'
      and later.project_id = o.project_id and later.env = o.env
      and (later.started_at, later.deployment_id) > (o.started_at, o.deployment_id)
      and later.restores
    order by later.started_at, later.deployment_id
    limit 1
  ) next
) whole on true;
