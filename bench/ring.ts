/** An hour of readings for every environment of projects with `continuous`, in the ring's partitions of now. */
export const FILL_RING = `
  insert into seqpulse.baseline_series (project_id, env, url, url_sha256, created_at)
    select n.project_id, n.name, e.active_url, sha256(convert_to(e.active_url, 'UTF8')), now()
    from seqpulse.environments n join seqpulse.endpoints e on e.project_id = n.project_id and e.env = ''
    join seqpulse.projects p on p.id = n.project_id and p.baseline = 'continuous'
    on conflict do nothing;
  insert into seqpulse.baseline_samples
    select (extract(epoch from now()) * 1000)::bigint - minute * 60000, s.id, 20, 120 + minute % 7, .002, .3, .5
    from generate_series(59, 0, -1) minute, seqpulse.baseline_series s
    order by minute desc, s.id;
  analyze`;
