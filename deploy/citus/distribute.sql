-- Distributes the tables by project over a Citus cluster (docs/high-availability.md says when that is worth it, docs/decisions/0017
-- what lies where). On its coordinator, with the nodes added and the schema migrated, of an installation that is empty or full; all
-- replicas stand still meanwhile, and find it distributed when they start. All or nothing; then the views. Of rows that were stored
-- before they named their project fill.sql comes first.
--   cd deploy/citus && psql -v ON_ERROR_STOP=1 -f distribute.sql -f views.sql -f views-by-hand.sql "$DATABASE_URL"
set client_min_messages = warning;
begin;

do $$
declare
  -- In the order in which they refer to each other.
  children constant text[] := array['samples', 'deployment_baselines', 'verdicts', 'verdict_feedback', 'failed_reads',
    'preliminary_verdicts', 'late_looks', 'late_checks', 'detections'];
  everywhere constant text[] := array['projects', 'environments', 'endpoints', 'sources', 'source_settings', 'baseline_series'];
  name text;
  found record;
  unfilled boolean;
begin
  foreach name in array children loop
    execute format('select exists (select from seqpulse.%I where project_id is null)', name) into unfilled;
    if unfilled then
      raise exception 'seqpulse.% has rows without a project: run deploy/citus/fill.sql first', name;
    end if;
  end loop;

  -- A trigger would run on a shard, which knows no other table. They fill in projects for replicas of an earlier release and mark
  -- what is added up again for panels; neither goes on here.
  for found in
    select t.tgname, t.tgrelid::regclass as of from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid
    where not t.tgisinternal and c.relnamespace = 'seqpulse'::regnamespace and c.relname = any(children || array['deployments'])
  loop
    execute format('drop trigger %I on %s', found.tgname, found.of);
  end loop;

  -- What refers to a deployment by its id alone: of children it is made again below, by project and id.
  for found in
    select c.conname, c.conrelid::regclass as of from pg_catalog.pg_constraint c
    where c.contype = 'f' and c.conparentid = 0
      and c.confrelid in ('seqpulse.deployments'::regclass, 'seqpulse.verdicts'::regclass)
  loop
    execute format('alter table %s drop constraint %I', found.of, found.conname);
  end loop;

  -- Every key of what is distributed begins with the project.
  for found in
    select c.conname, c.conrelid::regclass as of, r.relname,
      (select string_agg(quote_ident(a.attname), ', ' order by k.place)
       from unnest(c.conkey) with ordinality k (attnum, place)
       join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.attnum) as columns
    from pg_catalog.pg_constraint c join pg_catalog.pg_class r on r.oid = c.conrelid
    where c.contype = 'p' and r.relnamespace = 'seqpulse'::regnamespace and r.relname = any(children || array['deployments'])
      and not exists (
        select from pg_catalog.pg_attribute a
        where a.attrelid = c.conrelid and a.attname = 'project_id' and a.attnum = any(c.conkey))
  loop
    execute format('alter table %s alter column project_id set not null, drop constraint %I, add constraint %2$I primary key (project_id, %s)',
      found.of, found.conname, found.columns);
  end loop;
  create index deployments_id on seqpulse.deployments (id);

  foreach name in array everywhere loop
    perform create_reference_table(format('seqpulse.%I', name)::regclass);
  end loop;
  perform create_distributed_table('seqpulse.deployments', 'project_id');
  foreach name in array children loop
    perform create_distributed_table(format('seqpulse.%I', name)::regclass, 'project_id', colocate_with => 'seqpulse.deployments');
    -- A detection is stored ahead of its deployment: it goes with its project.
    execute format(
      'alter table seqpulse.%1$I add constraint %2$I foreign key %3$s on delete cascade', name, name || '_deployment_id_fkey',
      case name
        when 'verdict_feedback' then '(project_id, deployment_id) references seqpulse.verdicts (project_id, deployment_id)'
        when 'detections' then '(project_id) references seqpulse.projects'
        else '(project_id, deployment_id) references seqpulse.deployments (project_id, id)' end);
  end loop;
  perform create_distributed_table('seqpulse.otlp_points', 'project_id', colocate_with => 'seqpulse.deployments');

  -- What panels show is counted from the deployments, by all shards at once: nobody marks what has changed.
  delete from seqpulse.kpi_rolled;
  delete from seqpulse.kpi_tallied;
  delete from seqpulse.kpi_gathered;
end $$;

commit;
analyze;
