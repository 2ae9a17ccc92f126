import { expect, test } from 'vitest';
import { HEALTHY } from '../../harness/observed-app.ts';
import { collectJobId } from '../../src/model/job.ts';
import { scraped } from '../support/exposition.ts';
import { useClockedStage } from '../support/fixtures.ts';
import { startTestService } from '../support/service.ts';
import { openClockedStage } from '../support/stage.ts';
import { createStory, type Finished } from '../support/story.ts';

/** Seconds after finish: window, the three delays, the promise's 60. */
const LAST_TRY = 240 + 30 + 120 + 300;
const LATEST = 300 + 450 + 60;
/** Of the queue: heartbeat, two monitor passes, delay, poll. */
const TAKE_OVER = 30;

const stage = useClockedStage();
const story = createStory(stage);

const fail = () => {
  stage.app.behaviour = (response) => response.writeHead(500).end();
};
const work = () => {
  stage.app.behaviour = null;
};

/** The last collect fails at 240, 270 and 390 s; its last try is still to come. */
async function beforeLastTry(): Promise<Finished & { readonly lastCollect: string }> {
  const finished = await story.finished();
  await story.until(finished, 200);
  fail();
  await story.until(finished, LAST_TRY - 1);
  return { ...finished, lastCollect: collectJobId(finished.id, 'post_collect', 4) };
}

/** A worker took the job and died: nobody beats its heart any more. */
async function claimedByDeadWorker(jobId: string): Promise<void> {
  const now = new Date(stage.clock.now());
  const claimed = await stage.database.query(
    `update pgboss.job set state = 'active', started_on = $2, heartbeat_on = $2 where id = $1 returning id`,
    [jobId, now],
  );
  expect(claimed).toHaveLength(1);
}

/** Second by second, as time goes: every poll, monitor pass and look falls due in it. */
async function tickTo(finished: Finished, seconds: number): Promise<void> {
  while (stage.clock.now() < finished.finishedAtMs + seconds * 1000) await stage.tick(1);
}

async function verdictAfterSeconds(finished: Finished): Promise<number> {
  const { state, analyzed_at } = await story.read(finished);
  expect(state).toBe('analyzed');
  return (Date.parse(analyzed_at) - finished.finishedAtMs) / 1000;
}

const postSamples = async (finished: Finished) =>
  (await story.samples(finished)).filter((sample) => sample.phase === 'post').length;

test('the analysis’ worker dies over it at the latest moment: the verdict comes in time all the same, once', async () => {
  const series = 'seqpulse_analysis_verdict_total{verdict="ok"}';
  const before = (await scraped(stage, series)) ?? 0;
  const finished = await beforeLastTry();
  await stage.database.query('delete from pgboss.job where id = $1', [finished.lastCollect]);
  await story.until(finished, LATEST - 1);
  await claimedByDeadWorker(finished.id);
  await tickTo(finished, LATEST);
  expect((await story.read(finished)).state).toBe('finished');
  await tickTo(finished, LATEST + 3);
  expect(await verdictAfterSeconds(finished)).toBeLessThanOrEqual(LATEST + 3);
  // What the queue makes of the dead worker's job later changes nothing.
  await tickTo(finished, LATEST + TAKE_OVER + 10);
  expect(
    await stage.database.query('select from seqpulse.verdicts where deployment_id = $1', [finished.id]),
  ).toHaveLength(1);
  expect(await scraped(stage, series)).toBe(before + 1);
  expect(await story.failures(finished)).toEqual([]);
});

test('a worker dies over the last try: another one makes it, and the verdict follows at once', async () => {
  const finished = await beforeLastTry();
  work();
  await claimedByDeadWorker(finished.lastCollect);
  await tickTo(finished, LAST_TRY + TAKE_OVER);
  expect(await verdictAfterSeconds(finished)).toBeLessThanOrEqual(LAST_TRY + TAKE_OVER);
  expect(await postSamples(finished)).toBe(5);
});

test('a retry that nobody picks up delays the verdict to the latest moment, and no longer', async () => {
  const finished = await beforeLastTry();
  work();
  await stage.database.query('update pgboss.job set start_after = $2 where id = $1', [
    finished.lastCollect,
    new Date(finished.finishedAtMs + (LATEST + 200) * 1000),
  ]);
  await story.until(finished, LATEST - 1);
  expect((await story.read(finished)).state).toBe('finished');
  await tickTo(finished, LATEST + 3);
  expect(await verdictAfterSeconds(finished)).toBeLessThanOrEqual(LATEST + 3);
  await story.until(finished, LATEST + 300);
  expect(await postSamples(finished)).toBe(4);
});

test('a worker dies after it stored the last sample and before it said so: the verdict follows when its job is tried again', async () => {
  const finished = await beforeLastTry();
  await stage.database.query(
    `insert into seqpulse.samples (deployment_id, phase, sequence, due_at, collected_at, requests_per_sec, latency_p95,
       error_rate, cpu_usage, memory_usage, project_id)
     select $1, 'post', 4, $2, $2, $3, $4, $5, $6, $7, $8`,
    [
      finished.id,
      new Date(stage.clock.now()),
      HEALTHY.requests_per_sec,
      HEALTHY.latency_p95,
      HEALTHY.error_rate,
      HEALTHY.cpu_usage,
      HEALTHY.memory_usage,
      finished.projectId,
    ],
  );
  await stage.database.query('update seqpulse.deployments set post_settled = post_expected where id = $1', [
    finished.id,
  ]);
  // Its application fails now, so that nothing is stored a second time.
  await story.until(finished, LAST_TRY + 3);
  expect(await verdictAfterSeconds(finished)).toBeLessThanOrEqual(LAST_TRY + 3);
  expect(await postSamples(finished)).toBe(5);
});

test('a shutdown in the middle of the last try: the next replica makes it, and the verdict follows at once', async () => {
  await using own = await openClockedStage();
  const ownStory = createStory(own);
  const finished = await ownStory.finished();
  await ownStory.until(finished, 200);
  own.app.behaviour = (response) => response.writeHead(500).end();
  await ownStory.until(finished, LAST_TRY - 1);
  const asked = Promise.withResolvers<true>();
  own.app.behaviour = () => asked.resolve(true);
  // A poll is left out while the one before still waits for the database, so nobody knows which second takes the job.
  let ticking: Promise<void>;
  do ticking = own.tick(1);
  while (!(await Promise.race([asked.promise, ticking.then(() => false)])));
  const askedAtMs = own.clock.now();
  await own.running.service.workers.stop(0);
  await ticking;
  own.app.behaviour = null;
  await using next = await startTestService({ databaseUrl: own.database.url, clock: own.clock });
  for (let second = 0; second < 10; second += 1) {
    await own.clock.tick(1_000);
    await next.service.workers.idle();
  }
  const { body } = await next.api.deployment(finished.apiKey, finished.id);
  expect(body).toMatchObject({ state: 'analyzed', verdict: { verdict: 'ok' } });
  expect(Date.parse(body.analyzed_at) - askedAtMs).toBeLessThanOrEqual(10_000);
});
