import pg from 'pg';
import { type PgBoss, TestClock } from 'pg-boss';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { until } from '../../harness/until.ts';
import type { Queryable } from '../../src/db/connection/pool.ts';
import { startFetchLoop } from '../../src/jobs/fetch-loop.ts';
import { asBossDb } from '../../src/jobs/pg-boss-queue.ts';
import { openBoss } from '../../src/jobs/scheduler.ts';
import { openConnections } from '../../src/service/connections.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const log = pino({ level: 'silent' });

/**
 * Runs `work` over two jobs while a rival locks both in the adverse order: PostgreSQL undoes `work`, which waits for
 * less long. Resolves with what `work` does in the end.
 */
async function againstARival<Result>(
  database: TestDatabase,
  ids: readonly string[],
  work: () => Promise<Result>,
): Promise<Result> {
  const rival = new pg.Client({ connectionString: database.url });
  await rival.connect();
  const lock = async (id: string | undefined, how: string) =>
    await rival.query(`select from pgboss.job where id = $1 for update ${how}`, [id]);
  const waiting = `select from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and application_name = 'seqpulse jobs'`;
  try {
    await rival.query(`set deadlock_timeout = '60s'`);
    // Which of the two is locked last hangs on the plan.
    for (const last of ids) {
      const first = ids.find((id) => id !== last);
      await rival.query('begin');
      await lock(last, '');
      const done = work();
      done.catch(() => {});
      await until('it waits for the rival', 10, async () => (await database.query(waiting)).length > 0);
      await rival.query('savepoint free');
      const isFree = await lock(first, 'nowait').then(
        () => true,
        () => false,
      );
      if (!isFree) {
        await rival.query('rollback to free');
        await lock(first, '');
      }
      await rival.query('commit');
      const result = await done;
      if (!isFree) return result;
    }
    throw new Error('neither row was locked first');
  } finally {
    await rival.end();
  }
}

test('heartbeats that lose a deadlock in the job table are written all the same', async () => {
  await using database = await createTestDatabase();
  await using connections = openConnections({
    route: { url: database.url, directUrl: database.url, pooling: { mode: 'session' } },
    log,
    answerTimeFactor: 10,
  });
  const boss = await openBoss({ connectionString: database.url, log });
  await boss.insert('post_collect', [{ data: {} }, { data: {} }]);
  const jobs = await boss.fetch<unknown>('post_collect', { batchSize: 2, includeMetadata: true });
  const attempts = jobs.map(({ id, retryCount }) => ({ id, retryCount }));
  const db = asBossDb(connections.jobs.settles);
  const ids = attempts.map(({ id }) => id);
  const touched = await againstARival(database, ids, async () => await boss.touch('post_collect', attempts, { db }));
  expect(touched).toMatchObject({ affected: 2 });
  await boss.stop({ graceful: false });
});

/** Sessions report what they counted at their end. */
async function deadlocksOf(database: TestDatabase): Promise<number> {
  const serving = `select from pg_stat_activity where datname = current_database() and application_name like 'seqpulse %'`;
  await until('their sessions have ended', 10, async () => (await database.query(serving)).length === 0);
  const [counted] = await database.query<{ deadlocks: string }>(
    'select deadlocks from pg_stat_database where datname = current_database()',
  );
  return Number(counted?.deadlocks);
}

test('400 jobs that two replicas touch, complete and fail at once, while lost ones are looked for, know no deadlock', async () => {
  await using database = await createTestDatabase();
  const boss = await openBoss({ connectionString: database.url, log });
  const rows = Array.from({ length: 400 }, () => ({ data: {} }));
  await boss.insert('post_collect', rows);
  const ids = (await boss.fetch('post_collect', { batchSize: 400 })).map(({ id }) => id);
  expect(ids).toHaveLength(400);
  {
    const open = (plans: Record<string, string>) =>
      openConnections({
        route: { url: database.url, directUrl: database.url, pooling: { mode: 'session' } },
        // A deadlock is found at once, or it would end each round.
        sessionSettings: { deadlock_timeout: '20ms', ...plans },
        log,
        answerTimeFactor: 10,
      });
    // One reads the table as it lies, the other by its key: a plan may change with every analyze.
    await using one = open({ enable_seqscan: 'on', enable_indexscan: 'off', enable_bitmapscan: 'off' });
    await using other = open({ enable_seqscan: 'off', enable_bitmapscan: 'off' });
    for (let round = 0; round < 8; round += 1) {
      await database.query(
        `update pgboss.job set state = 'active', retry_count = 0, completed_on = null,
           heartbeat_on = now() - interval '18 s' where name = 'post_collect'`,
      );
      // Due at once, not every five seconds.
      await database.query('update pgboss.queue set monitor_on = null');
      const works = [one, other].flatMap(({ jobs }, replica) => {
        const db = asBossDb(jobs.settles);
        const mixed = ids
          .map((id, index) => ({ id, retryCount: 0, at: (index * (7 + 4 * replica + round)) % 401 }))
          .toSorted((left, right) => left.at - right.at);
        return [
          boss.touch('post_collect', mixed, { db }),
          boss.complete('post_collect', mixed.slice(0, 150), null, { db }),
          boss.touch('post_collect', mixed.toReversed(), { db }),
          boss.fail('post_collect', mixed.slice(120, 300), null, { db }),
        ];
      });
      await Promise.all([...works, boss.supervise('post_collect')]);
    }
  }
  await boss.stop({ graceful: false });
  expect(await deadlocksOf(database)).toBe(0);
});

test('a heartbeat that could not be written is told once and written at the next poll, not at the next beat', async () => {
  const clock = new TestClock(0);
  const events: string[] = [];
  const tell = ({ event }: { event: string }) => void events.push(event);
  const beats: number[] = [];
  let isFailing = true;
  const boss = {
    fetch: async () => (beats.length === 0 && clock.now() <= 500 ? [{ id: 'a', retryCount: 0 }] : []),
    async touch() {
      beats.push(clock.now());
      if (isFailing) throw new Error('deadlock detected');
    },
    complete: async () => {},
  } as unknown as PgBoss;
  const nobody = {} as Queryable;
  const end = Promise.withResolvers<'done'>();
  const loop = startFetchLoop({
    boss,
    connections: { fetches: nobody, settles: nobody },
    paused: () => false,
    type: 'post_collect',
    sizing: { slots: 1, batchSize: 1, perProject: 1 },
    clock,
    log: { warn: tell, info: tell, error: tell } as unknown as typeof log,
    run: async () => await end.promise,
  });
  for (let ms = 0; ms < 4_000; ms += 500) await clock.tick(500);
  expect(beats.slice(0, 3)).toEqual([3_000, 3_000, 3_500]);
  isFailing = false;
  await clock.tick(500);
  await clock.tick(500);
  expect(events).toEqual(['heartbeat_failed', 'heartbeat_recovered']);
  end.resolve('done');
  loop.stopFetching();
  await loop.idle();
  loop.close();
});
