-- Up Migration

-- What Grafana reads: views only, in a schema of their own, so that its role needs no right on any table. A view shows
-- no endpoint (its query may carry a token), no key, no secret and no idempotency key. Views run with their owner's
-- rights; that is the point. They stay plain: every dashboard filters by started_at, project and env, which Postgres
-- pushes down to the indexes of the tables.
create schema kpi;

-- First verdict of a project without reading the others.
create index deployments_project_analyzed on seqpulse.deployments (project_id, analyzed_at) where analyzed_at is not null;
-- Counting verdicts without their findings: the table is a gigabyte at a million, this index 40 MB.
create index verdicts_outcome on seqpulse.verdicts (deployment_id) include (verdict);
create index verdicts_rollbacks on seqpulse.verdicts (created_at) where verdict = 'rollback_recommended';

create view kpi.projects as
select p.name as project from seqpulse.projects p;

create view kpi.environments as
select p.name as project, e.name as env
from seqpulse.environments e
join seqpulse.projects p on p.id = e.project_id;

create view kpi.deployments as
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
  extract(epoch from d.analyzed_at - d.started_at)::double precision as seconds_to_verdict
from seqpulse.deployments d
join seqpulse.projects p on p.id = d.project_id
left join seqpulse.verdicts v on v.deployment_id = d.id;

-- project_to_first_verdict_72h, one row a project. within_72h stays null while it is open: no verdict yet, and younger
-- than 72 hours. Any stored verdict counts, insufficient_data too: it proves that the way from CI to verdict works.
create view kpi.project_first_verdicts as
select
  p.name as project,
  p.created_at,
  f.first_verdict_at,
  extract(epoch from f.first_verdict_at - p.created_at)::double precision as seconds_to_first_verdict,
  case
    when f.first_verdict_at <= p.created_at + interval '72 hours' then true
    when f.first_verdict_at is not null or p.created_at <= now() - interval '72 hours' then false
  end as within_72h
from seqpulse.projects p
cross join lateral (
  select min(d.analyzed_at) as first_verdict_at from seqpulse.deployments d where d.project_id = p.id
) f;

-- Samples asked for and stored, one row a deployment that has its verdict. Samples are pruned after the retention, so a
-- deployment older than the oldest sample that is left is not in here: its samples are not missing, only gone.
create view kpi.sample_completeness as
select
  d.id as deployment_id,
  p.name as project,
  d.env,
  d.number,
  d.started_at,
  d.analyzed_at,
  d.pre_expected,
  s.pre_stored,
  d.post_expected,
  s.post_stored,
  s.pre_stored >= d.pre_expected as pre_complete,
  s.post_stored >= d.post_expected as post_complete,
  s.pre_stored >= d.pre_expected and s.post_stored >= d.post_expected as complete
from seqpulse.deployments d
join seqpulse.projects p on p.id = d.project_id
cross join lateral (
  select
    (count(*) filter (where m.phase = 'pre'))::integer as pre_stored,
    (count(*) filter (where m.phase = 'post'))::integer as post_stored
  from seqpulse.samples m
  where m.deployment_id = d.id
) s
where d.state = 'analyzed'
  and d.started_at >= coalesce(
    (select min(oldest.collected_at) - interval '1 minute' from seqpulse.samples oldest), '-infinity');

-- An environment breaks with a rollback_recommended and is whole again with its next ok; further rollbacks in between
-- belong to the same row. recovered_at stays null while it is broken. Ordered by start: the deployment after it in its
-- environment, whichever verdict came first.
create view kpi.recoveries as
select
  p.name as project,
  d.env,
  d.id as deployment_id,
  d.number,
  v.created_at as broken_at,
  v.summary,
  whole.number as recovered_by_number,
  whole.created_at as recovered_at,
  extract(epoch from whole.created_at - v.created_at)::double precision as seconds_to_recover
from seqpulse.verdicts v
join seqpulse.deployments d on d.id = v.deployment_id
join seqpulse.projects p on p.id = d.project_id
left join lateral (
  select earlier_verdict.verdict
  from seqpulse.deployments earlier
  join seqpulse.verdicts earlier_verdict on earlier_verdict.deployment_id = earlier.id
  where earlier.project_id = d.project_id and earlier.env = d.env
    and (earlier.started_at, earlier.id) < (d.started_at, d.id)
    and earlier_verdict.verdict in ('ok', 'rollback_recommended')
  order by earlier.started_at desc, earlier.id desc
  limit 1
) before on true
left join lateral (
  select later.number, later_verdict.created_at
  from seqpulse.deployments later
  join seqpulse.verdicts later_verdict on later_verdict.deployment_id = later.id
  where later.project_id = d.project_id and later.env = d.env
    and (later.started_at, later.id) > (d.started_at, d.id)
    and later_verdict.verdict = 'ok'
  order by later.started_at, later.id
  limit 1
) whole on true
where v.verdict = 'rollback_recommended'
  and before.verdict is distinct from 'rollback_recommended';

-- Jobs that gave up for good: which job of which deployment, and why.
create view kpi.job_failures as
select
  f.failed_at,
  f.job_type,
  f.sequence,
  f.reason,
  p.name as project,
  d.env,
  d.number
from seqpulse.job_failures f
left join seqpulse.deployments d on d.id = f.deployment_id
left join seqpulse.projects p on p.id = d.project_id;
