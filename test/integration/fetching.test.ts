import { expect, test } from 'vitest';
import { startObservedApp } from '../../harness/observed-app.ts';
import type { WorkerSizing } from '../../src/jobs/queues.ts';
import { START_TIME, TestClock } from '../support/clock.ts';
import { createTestDatabase } from '../support/database.ts';
import { startTestService } from '../support/service.ts';

const SAMPLES = 9;
/** Three of a project at a time: a fetch that could take eight never fills its batch with one project's jobs. */
const THREE_A_PROJECT: WorkerSizing = { slots: 8, batchSize: 8, perProject: 3 };

test('nine due collects of one project, three at a time, are through in one poll and the two soon after it', async () => {
  await using database = await createTestDatabase();
  const clock = new TestClock(START_TIME);
  await using running = await startTestService({
    databaseUrl: database.url,
    clock,
    sizing: { pre_collect: THREE_A_PROJECT, post_collect: THREE_A_PROJECT, analysis: THREE_A_PROJECT },
    env: { SEQPULSE_PRE_SAMPLES: String(SAMPLES), SEQPULSE_PRE_INTERVAL_SECONDS: '0.001' },
  });
  await using app = await startObservedApp();
  const project = await running.api.newProject({ name: 'shop', endpoint: app.url });
  await running.api.trigger(project.apiKey, { env: 'prod' });

  const collected = async () => (await database.query("select 1 from seqpulse.samples where phase = 'pre'")).length;
  const seen: number[] = [];
  for (const ms of [500, 100, 100]) {
    await clock.tick(ms);
    await running.service.workers.idle();
    seen.push(await collected());
  }
  // Waiting for a poll each time, half a second apart, the second and third would still show 3.
  expect(seen).toEqual([3, 6, 9]);
});
