import { expect, test } from 'vitest';
import { HEALTHY } from '../../harness/observed-app.ts';
import { giveUp } from '../../src/lifecycle/give-up.ts';
import { collectJobId } from '../../src/model/job.ts';
import { scraped } from '../support/exposition.ts';
import { useClockedStage } from '../support/fixtures.ts';
import { createStory } from '../support/story.ts';

/** A poll of the hand-set clock: what is due is fetched within it. */
const POLL_SECONDS = 0.5;
const FAILED = 'seqpulse_scheduler_jobs_failed_total';

const stage = useClockedStage();
const story = createStory(stage);

const settled = async (id: string) =>
  await stage.database.query('select post_settled from seqpulse.deployments where id = $1', [id]);

test('a collect that fails is tried again after 30, 120 and 300 s, then it has failed for good: recorded and counted once', async () => {
  const before = (await scraped(stage, FAILED)) ?? 0;
  const finished = await story.finished();
  await story.until(finished, 200);
  const askedAfterSeconds: number[] = [];
  stage.app.behaviour = (response) => {
    askedAfterSeconds.push((stage.clock.now() - finished.finishedAtMs) / 1000);
    response.writeHead(500).end();
  };
  await story.until(finished, 900);

  // Only the last collect fails, due at 240 s. Every delay runs from the end of the try before, so that polls add up.
  const expected = [240, 240 + 30, 240 + 30 + 120, 240 + 30 + 120 + 300];
  expect(askedAfterSeconds).toHaveLength(expected.length);
  for (const [tries, seconds] of expected.entries()) {
    expect(askedAfterSeconds[tries]).toBeGreaterThanOrEqual(seconds);
    expect(askedAfterSeconds[tries]).toBeLessThanOrEqual(seconds + (tries + 1) * POLL_SECONDS);
  }
  expect(await story.failures(finished)).toEqual([
    { job_type: 'post_collect', sequence: 4, tries: 4, reason: expect.stringContaining('500') },
  ]);
  expect(await scraped(stage, FAILED)).toBe(before + 1);
});

test('the delays are exact: the next try is due 30 s after the failed one, to the millisecond', async () => {
  const finished = await story.finished();
  const failedAtMs: number[] = [];
  stage.app.behaviour = (response) => {
    failedAtMs.push(stage.clock.now());
    response.writeHead(500).end();
  };
  await story.until(finished, 10);
  const [job] = await stage.database.query<{ start_after: Date; data: { attempt: number } }>(
    'select start_after, data from pgboss.job where id = $1',
    [collectJobId(finished.id, 'post_collect', 0)],
  );
  expect(failedAtMs).toHaveLength(1);
  expect(job?.start_after.getTime()).toBe((failedAtMs[0] ?? 0) + 30_000);
  expect(job?.data.attempt).toBe(1);
});

test('a dead letter that is handed over twice is recorded and counted once', async () => {
  const finished = await story.finished();
  const before = (await scraped(stage, FAILED)) ?? 0;
  const { lifecycle } = stage.running.service;
  const job = {
    jobId: collectJobId(finished.id, 'post_collect', 3),
    type: 'post_collect',
    data: { deploymentId: finished.id, sequence: 3, dueAtMs: finished.finishedAtMs, attempt: 3 },
    cause: { kind: 'target', reason: 'answered 500' },
    complete: async () => true,
  } as const;
  await giveUp(lifecycle, job);
  await giveUp(lifecycle, job);
  expect(await story.failures(finished)).toHaveLength(1);
  expect(await scraped(stage, FAILED)).toBe(before + 1);
  expect(await settled(finished.id)).toEqual([{ post_settled: 1 }]);
});

test('30 samples of one deployment stored at the same moment are 30 settled collects', async () => {
  const { id } = await story.finished({ observation_window_minutes: 30 });
  const now = new Date(stage.clock.now());
  const { db } = stage.running.service.lifecycle;
  const sample = {
    deploymentId: id,
    phase: 'post',
    dueAt: now,
    collectedAt: now,
    reading: { numbers: HEALTHY, missing: {} },
  } as const;
  const stored = await Promise.all(
    Array.from({ length: 30 }, (_, sequence) => db.samples.storePosts([{ ...sample, sequence }])),
  );
  expect(stored.flat().filter((one) => one.allSettled)).toHaveLength(1);
  expect(await db.samples.storePosts([{ ...sample, sequence: 0 }])).toMatchObject([{ outcome: 'dropped' }]);
  expect(await settled(id)).toEqual([{ post_settled: 30 }]);
});

test('samples of several deployments are stored by one statement, each counted where it belongs and none twice', async () => {
  const over = await story.finished();
  await story.until(over, 700);
  const { db } = stage.running.service.lifecycle;
  const [first, second] = [await story.triggered(), await story.triggered()];
  await stage.pass(30);
  for (const started of [first, second]) await story.finish(started);
  const now = new Date(stage.clock.now());
  const sample = (deploymentId: string, sequence: number) =>
    ({
      deploymentId,
      phase: 'post',
      sequence,
      dueAt: now,
      collectedAt: now,
      reading: { numbers: HEALTHY, missing: {} },
    }) as const;
  const batch = [
    ...[0, 1, 2, 3].map((sequence) => sample(first.id, sequence)),
    sample(second.id, 0),
    sample(over.id, 9),
    sample(first.id, 4),
    sample(first.id, 4),
  ];
  const stored = await db.samples.storePosts(batch);
  expect(stored.map(({ outcome }) => outcome)).toEqual([...Array(5).fill('stored'), 'dropped', 'stored', 'dropped']);
  expect(stored.map(({ allSettled }) => allSettled)).toEqual([...Array(7).fill(false), true]);
  // What looks after a reading looks once a statement, after the last.
  expect(stored.map((one) => one.settled)).toEqual([null, null, null, null, 1, null, null, 5]);
  expect(await settled(first.id)).toEqual([{ post_settled: 5 }]);
  expect(await settled(second.id)).toEqual([{ post_settled: 1 }]);
});

test('a collect whose worker died after storing settles once, even when its next tries all fail', async () => {
  const finished = await story.finished();
  const { db } = stage.running.service.lifecycle;
  // What the dead worker left: the sample is stored, the job is not ended.
  const dueAt = new Date(finished.finishedAtMs);
  const reading = { numbers: HEALTHY, missing: {} };
  await db.samples.storePosts([
    { deploymentId: finished.id, phase: 'post', sequence: 0, dueAt, collectedAt: dueAt, reading },
  ]);
  // Three collects succeed; the first one's tries fail until 450 s, the last one's until 690 s.
  stage.app.behaviour = (response) => {
    const seconds = (stage.clock.now() - finished.finishedAtMs) / 1000;
    if ([60, 120, 180].some((due) => seconds >= due && seconds < due + 5)) {
      response.end(JSON.stringify({ metrics: HEALTHY }));
    } else response.writeHead(500).end();
  };
  await story.until(finished, 680);
  expect((await story.read(finished)).state).toBe('finished');
  await story.until(finished, 695);
  expect((await story.read(finished)).state).toBe('analyzed');
});
