-- Fills `project_id` in what was stored before there was one, beside a service that goes on: a thousand deployments a step, each
-- committed by itself, so that nobody waits and what is done stays done. May be run again. Outside of a transaction:
--   psql -f deploy/citus/fill.sql "$DATABASE_URL"
do $$
declare
  children constant text[] := array['samples', 'deployment_baselines', 'verdicts', 'verdict_feedback', 'failed_reads',
    'preliminary_verdicts', 'late_looks', 'late_checks'];
  child text;
  ids uuid[];
  last uuid := '00000000-0000-0000-0000-000000000000';
begin
  loop
    ids := array(select id from seqpulse.deployments where id > last order by id limit 1000);
    exit when cardinality(ids) = 0;
    foreach child in array children loop
      execute format(
        'update seqpulse.%I c set project_id = d.project_id from seqpulse.deployments d
         where d.id = any($1) and c.deployment_id = d.id and c.project_id is null', child)
      using ids;
    end loop;
    commit;
    last := ids[cardinality(ids)];
  end loop;
end $$;
