import pg from 'pg';

/** A deployment as its rows tell it. */
export interface StoredDeployment {
  readonly id: string;
  readonly state: string;
  readonly key: string;
  readonly startedMs: number;
  readonly finishedMs: number | null;
  readonly windowEndsMs: number | null;
  readonly analyzedMs: number | null;
  readonly verdicts: number;
  readonly postExpected: number | null;
  /** Samples after it, and collects that were given up. */
  readonly postStored: number;
  readonly postGivenUp: number;
  /** Samples that are there more than once. */
  readonly twice: number;
  /** Jobs that wait or run. */
  readonly jobsLeft: number;
}

const READ = `
select d.id, d.state, d.idempotency_key as key, d.post_expected as "postExpected",
  extract(epoch from d.started_at)::float8 * 1000 as "startedMs",
  extract(epoch from d.finished_at)::float8 * 1000 as "finishedMs",
  extract(epoch from d.window_ends_at)::float8 * 1000 as "windowEndsMs",
  extract(epoch from d.analyzed_at)::float8 * 1000 as "analyzedMs",
  (select count(*)::int from seqpulse.verdicts v where v.deployment_id = d.id) as verdicts,
  (select count(*)::int from seqpulse.samples s where s.deployment_id = d.id and s.phase = 'post') as "postStored",
  (select count(*)::int from seqpulse.job_failures f
   where f.deployment_id = d.id and f.job_type = 'post_collect') as "postGivenUp",
  (select (count(*) - count(distinct (s.phase, s.due_at)))::int from seqpulse.samples s
   where s.deployment_id = d.id) as twice,
  (select count(*)::int from pgboss.job j
   where j.data->>'deploymentId' = d.id::text and j.state in ('created', 'retry', 'active')) as "jobsLeft"
from seqpulse.deployments d`;

/** Every deployment of the database, past any proxy. */
export async function readStored(url: string): Promise<StoredDeployment[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<StoredDeployment>(READ)).rows;
  } finally {
    await client.end();
  }
}
