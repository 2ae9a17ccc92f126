import { expect, test } from 'vitest';
import { startObservedApp } from '../../harness/observed-app.ts';
import { until } from '../../harness/until.ts';
import { createTestDatabase } from '../support/database.ts';
import { startDatabaseProxy } from '../support/database-proxy.ts';
import { startTestService } from '../support/service.ts';

/**
 * Seconds. Three for an answer are promised, and shown by the clock of test/db/silence-watch.test.ts; here there is room
 * for a busy machine, and less than the ten that a single statement may take. Measured on one with 20 processes for two
 * cores: 2.3 s for the longest answer, the first trigger served 0.3 s and the first job read within 9 s after the
 * database is back. Waiting for each connection by itself would be 30 and 62 s.
 */
const ANSWER_SECONDS = 8;
const SERVED_SECONDS = 15;
const JOBS_SECONDS = 30;

test.each([
  ['goes on where it stopped', 'comeBack'],
  ['is another one, and no connection from before ever answers again', 'failOver'],
] as const)('a database that swallows everything, then %s', async (_what, recovery) => {
  await using database = await createTestDatabase();
  await using app = await startObservedApp();
  const proxy = await startDatabaseProxy(database.url);
  const running = await startTestService({
    databaseUrl: proxy.url,
    env: { SEQPULSE_PRE_SAMPLES: '60', SEQPULSE_PRE_INTERVAL_SECONDS: '0.5' },
  });
  const { api } = running;
  const envs = Array.from({ length: 100 }, (_, index) => `env-${index}`);
  const { apiKey } = await api.newProject({ name: 'shop', endpoint: app.url, envs, baseline: 'at_trigger' });
  let next = 0;
  const wave = async (count: number) =>
    await Promise.all(
      Array.from({ length: count }, async () => {
        const startedAt = performance.now();
        const { status } = await api.trigger(apiKey, { env: envs[next++ % envs.length] });
        return { status, seconds: (performance.now() - startedAt) / 1000 };
      }),
    );
  const stored = async () => (await database.query('select from seqpulse.samples')).length;
  // All connections are open, and jobs are under way.
  await wave(20);
  await until('samples are stored', 30, async () => (await stored()) > 20);

  proxy.hang();
  for (const count of [1, 30, 30, 1]) {
    for (const { status, seconds } of await wave(count)) {
      expect(status).toBe(503);
      expect(seconds).toBeLessThan(ANSWER_SECONDS);
    }
  }
  const before = await stored();
  await proxy[recovery]();
  await until('triggers are served again', SERVED_SECONDS, async () => (await wave(1))[0]?.status === 200);
  await until('a burst is served', SERVED_SECONDS, async () => (await wave(10)).every(({ status }) => status === 200));
  await until('jobs are read again', JOBS_SECONDS, async () => (await stored()) > before);
  await proxy.goAway();
  await running[Symbol.asyncDispose]();
});
