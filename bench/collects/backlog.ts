import { setTimeout as sleep } from 'node:timers/promises';
import { connectTo } from '../bench-database.ts';

export const RAW_QUEUE = 'nothing_to_do';

/** Jobs that wait for later, and are made due a round at a time. */
export interface Backlog {
  /**
   * Makes the jobs of one round due and resolves when all of them have ended, with the seconds from the first one's start:
   * how long after they were due somebody looked is no matter of throughput.
   */
  work(round: number): Promise<number>;
  close(): Promise<void>;
}

/** Whether any that is due still waits or runs: stops at the first. */
const LEFT = `select exists (select from pgboss.job
  where name = $1 and state in ('created', 'retry', 'active') and start_after <= now()) as left`;
const LOOK_MS = 100;

/** The collects before deployments that were triggered already, one of each deployment a round. */
export async function collectBacklog(connectionString: string): Promise<Backlog> {
  return await openBacklog(connectionString, 'pre_collect', `(data ->> 'sequence')::int = $2`);
}

/** `rounds` times `count` jobs, as large as collects are, for workers that do nothing. */
export async function rawBacklog(connectionString: string, rounds: number, count: number): Promise<Backlog> {
  const client = await connectTo(connectionString);
  await client.query(
    `insert into pgboss.job (name, data, start_after, keep_until)
     select $1, jsonb_build_object('shape', 1, 'trace', '{}'::jsonb, 'attempt', 0, 'dueAtMs', 1790000000000 + number,
       'sequence', round, 'deploymentId', gen_random_uuid()), now() + interval '1 hour', now() + interval '1 day'
     from generate_series(0, $2::int - 1) round, generate_series(1, $3::int) number`,
    [RAW_QUEUE, rounds, count],
  );
  await client.end();
  return await openBacklog(connectionString, RAW_QUEUE, `(data ->> 'sequence')::int = $2`);
}

async function openBacklog(connectionString: string, queue: string, isOfRound: string): Promise<Backlog> {
  const client = await connectTo(connectionString);
  return {
    async work(round) {
      await client.query(
        `update pgboss.job set start_after = now() where name = $1 and state = 'created' and ${isOfRound}`,
        [queue, round],
      );
      for (let left = true; left; await sleep(LOOK_MS)) {
        const { rows } = await client.query<{ left: boolean }>({ name: 'left', text: LEFT, values: [queue] });
        left = rows[0]?.left ?? false;
      }
      const { rows } = await client.query<{ seconds: number }>(
        `select extract(epoch from max(completed_on) - min(started_on))::float8 as seconds
         from pgboss.job where name = $1 and ${isOfRound}`,
        [queue, round],
      );
      return rows[0]?.seconds ?? Number.NaN;
    },
    close: async () => await client.end(),
  };
}
