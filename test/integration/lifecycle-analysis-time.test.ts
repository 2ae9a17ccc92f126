import { expect, test } from 'vitest';
import { HEALTHY } from '../../harness/observed-app.ts';
import { collectJobId } from '../../src/model/job.ts';
import { scraped } from '../support/exposition.ts';
import { useClockedStage } from '../support/fixtures.ts';
import { createStory } from '../support/story.ts';

const stage = useClockedStage();
const story = createStory(stage);

/** From now on the application answers 500, `times` times. */
function failNext(times = Number.POSITIVE_INFINITY): void {
  let left = times;
  stage.app.behaviour = (response) => {
    left -= 1;
    if (left >= 0) response.writeHead(500).end();
    else response.end(JSON.stringify({ metrics: HEALTHY }));
  };
}

test('the analysis runs at the window’s end when all is read, and not half a second earlier', async () => {
  const finished = await story.finished();
  await story.until(finished, 299.4);
  expect(await story.read(finished)).toMatchObject({ state: 'finished', verdict: null });
  await story.until(finished, 301);
  const deployment = await story.read(finished);
  expect(deployment).toMatchObject({ state: 'analyzed', verdict: { verdict: 'ok' } });
  expect(Date.parse(deployment.analyzed_at)).toBeGreaterThanOrEqual(finished.finishedAtMs + 300_000);
});

test('a window of 15 minutes has 15 collects, a minute apart, and ends after 15 minutes', async () => {
  const n = 15;
  const finished = await story.finished({ observation_window_minutes: n });
  await story.until(finished, n * 60 - 0.6);
  expect((await story.read(finished)).state).toBe('finished');
  await story.until(finished, n * 60 + 1);
  expect((await story.read(finished)).state).toBe('analyzed');
  const samples = await story.samples(finished);
  const offsets = samples
    .filter((sample) => sample.phase === 'post')
    .map((sample) => Math.floor((Date.parse(sample.collected_at) - finished.finishedAtMs) / 1000));
  expect(offsets).toEqual(Array.from({ length: n }, (_, index) => index * 60));
});

test('the analysis waits for a collect that is still being tried, and judges what it brings', async () => {
  const finished = await story.finished();
  await story.until(finished, 200);
  // Asked at 240 and 270 s in vain, at 390 s with success.
  failNext(2);
  await story.until(finished, 389);
  expect((await story.read(finished)).state).toBe('finished');
  await story.until(finished, 392);
  expect((await story.read(finished)).state).toBe('analyzed');
  expect((await story.samples(finished)).filter((sample) => sample.phase === 'post')).toHaveLength(5);
});

test('the analysis waits for the last try to fail, then judges without that sample and says so', async () => {
  const finished = await story.finished();
  await story.until(finished, 200);
  failNext();
  await story.until(finished, 689);
  expect((await story.read(finished)).state).toBe('finished');
  await story.until(finished, 695);
  const deployment = await story.read(finished);
  expect(deployment).toMatchObject({ state: 'analyzed', verdict: { verdict: 'ok' } });
  expect(deployment.verdict.summary).toMatch(/1 of 5 samples after is missing/);
});

test('a collect that never settles delays the verdict to window end + all delays + 60 s, and no longer', async () => {
  const finished = await story.finished();
  await story.until(finished, 200);
  await stage.database.query('delete from pgboss.job where id = $1', [collectJobId(finished.id, 'post_collect', 4)]);
  await story.until(finished, 300 + 450 + 59);
  expect((await story.read(finished)).state).toBe('finished');
  await story.until(finished, 300 + 450 + 61);
  expect((await story.read(finished)).state).toBe('analyzed');
});

test('a database whose clock is ahead does not bring the verdict before the window’s end', async () => {
  const finished = await story.finished();
  await story.until(finished, 250);
  await stage.database.query(`update pgboss.job set start_after = start_after - interval '20 s' where id = $1`, [
    finished.id,
  ]);
  await story.until(finished, 299);
  expect((await story.read(finished)).state).toBe('finished');
  const [job] = await stage.database.query<{ retry_count: number }>(
    'select retry_count from pgboss.job where id = $1',
    [finished.id],
  );
  expect(job?.retry_count).toBeLessThanOrEqual(1);
  await story.until(finished, 322);
  expect((await story.read(finished)).state).toBe('analyzed');
});

test('nothing read at all is insufficient_data and never ok', async () => {
  const finished = await story.finished();
  failNext();
  await story.until(finished, 240 + 450 + 10);
  expect(await story.read(finished)).toMatchObject({
    state: 'analyzed',
    verdict: { verdict: 'insufficient_data', confidence: 0 },
  });
  expect(await story.failures(finished)).toHaveLength(5);
});

test('collects that are late by less than their interval, after a short outage, are each stored and counted', async () => {
  const finished = await story.finished();
  for (const seconds of [50, 110, 170, 230, 290]) {
    await stage.clock.setTime(finished.finishedAtMs + seconds * 1000);
    await story.until(finished, seconds + 2);
  }
  expect((await story.samples(finished)).filter((sample) => sample.phase === 'post')).toHaveLength(5);
  await story.until(finished, 301);
  const deployment = await story.read(finished);
  expect(deployment.state).toBe('analyzed');
  expect(deployment.verdict.summary).toMatch(/late/);
});

test('each verdict is stored once and counted once, by what it says', async () => {
  const series = 'seqpulse_analysis_verdict_total{verdict="ok"}';
  const before = (await scraped(stage, series)) ?? 0;
  const finished = await story.finished();
  await story.until(finished, 301);
  expect(await scraped(stage, series)).toBe(before + 1);
  const verdicts = 'select from seqpulse.verdicts where deployment_id = $1';
  expect(await stage.database.query(verdicts, [finished.id])).toHaveLength(1);
});

test('a pipeline that failed is shown as failed and is no evidence about metrics', async () => {
  const started = await story.triggered();
  await stage.pass(30);
  await story.finish(started, 'failed');
  await stage.pass(301);
  expect(await story.read(started)).toMatchObject({ pipeline_result: 'failed', verdict: { verdict: 'ok' } });
});
