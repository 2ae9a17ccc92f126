import { expect, test } from 'vitest';
import { scraped } from '../support/exposition.ts';
import { useClockedStage } from '../support/fixtures.ts';
import { createStory } from '../support/story.ts';

const FAILED = 'seqpulse_scheduler_jobs_failed_total';

const stage = useClockedStage();
const story = createStory(stage);

const refuse = () => {
  stage.app.behaviour = (response) => response.writeHead(500).end();
};

test('five samples are read before, five seconds apart, from the trigger on', async () => {
  const started = await story.triggered();
  await stage.pass(60);
  const offsets = (await story.samples(started)).map((sample) => {
    expect(sample.phase).toBe('pre');
    return Math.floor((Date.parse(sample.collected_at) - started.startedAtMs) / 1000);
  });
  expect(offsets).toEqual([0, 5, 10, 15, 20]);
});

test('what was not read when finish came is given up: read no more, and no failure', async () => {
  const started = await story.triggered();
  const before = await scraped(stage, FAILED);
  refuse();
  await stage.pass(6);
  await story.finish(started);
  expect(await story.jobs(started)).toMatchObject({ 'pre_collect cancelled': 5 });
  stage.app.behaviour = null;
  await stage.pass(301);
  expect((await story.samples(started)).map((sample) => sample.phase)).toEqual(Array.from({ length: 5 }, () => 'post'));
  expect(await story.failures(started)).toEqual([]);
  expect(await scraped(stage, FAILED)).toBe(before);
  expect((await story.read(started)).verdict.verdict).toBe('insufficient_data');
});

test('one sample before the deployment suffices for a verdict, which says that it was one of five', async () => {
  const started = await story.triggered();
  await stage.pass(1);
  await story.finish(started);
  await stage.pass(301);
  const { verdict } = await story.read(started);
  expect(verdict.verdict).toBe('ok');
  expect(verdict.summary).toMatch(/4 of 5 samples before are missing/);
});

test('a sample that came late counts while the deployment runs, and the verdict says that it was late', async () => {
  const started = await story.triggered();
  refuse();
  await stage.pass(60);
  stage.app.behaviour = null;
  // The first retries have failed too; the second ones come 150 s after the first tries.
  await stage.pass(150);
  expect(await story.samples(started)).toHaveLength(5);
  await story.finish(started);
  await stage.pass(301);
  expect((await story.read(started)).verdict.summary).toMatch(/late/);
});

test('a reading under way when finish comes is not stored as one from before', async () => {
  const started = await story.triggered();
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  stage.app.behaviour = (response) => {
    asked.resolve();
    void answer.promise.then(() => response.end(JSON.stringify({ metrics: stage.app.metrics })));
  };
  const passing = stage.pass(1);
  await asked.promise;
  await story.finish(started);
  answer.resolve();
  await passing;
  expect((await story.samples(started)).filter((sample) => sample.phase === 'pre')).toEqual([]);
});

test('a pre collect that fails for good while its deployment runs is a failure, and the other four count', async () => {
  const started = await story.triggered();
  await stage.pass(17);
  refuse();
  await stage.pass(500);
  stage.app.behaviour = null;
  expect(await story.failures(started)).toEqual([
    { job_type: 'pre_collect', sequence: 4, tries: 4, reason: expect.stringContaining('500') },
  ]);
  await story.finish(started);
  await stage.pass(301);
  expect((await story.read(started)).verdict.summary).toMatch(/1 of 5 samples before is missing/);
});
