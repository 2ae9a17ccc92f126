import { expect, test } from 'vitest';
import { useClockedStage } from '../support/fixtures.ts';
import { createStory, type Story } from '../support/story.ts';

/** Nobody was there to read in time: what is read later says nothing of the minute that it was for. */

const stage = useClockedStage();
const story = createStory(stage);

/** No worker runs for so long; then everything that has become due runs at once. */
async function outage(seconds: number): Promise<void> {
  await stage.clock.setTime(stage.clock.now() + seconds * 1000);
  await stage.pass(30);
}

const posts = async (of: Awaited<ReturnType<Story['finished']>>) =>
  (await story.samples(of)).filter(({ phase }) => phase === 'post');

test('after an outage over the whole window the minutes that are gone are given up, and nothing is said of the deployment', async () => {
  const finished = await story.finished();
  await outage(330);
  expect(await posts(finished)).toHaveLength(0);
  expect(await story.failures(finished)).toHaveLength(5);
  expect((await story.failures(finished))[0]?.reason).toMatch(
    /^its first try came \d+ s late: the moment it was for is gone$/,
  );
  expect((await story.read(finished)).verdict).toMatchObject({ verdict: 'insufficient_data', confidence: 0 });
});

test('a collect that is late by its interval is still read, one second later it is given up', async () => {
  const inTime = await story.finished();
  await story.until(inTime, 59);
  const before = (await posts(inTime)).length;
  await stage.clock.setTime(inTime.finishedAtMs + 119_000);
  await stage.pass(0);
  expect((await posts(inTime)).length).toBe(before + 1);
  expect(await story.failures(inTime)).toEqual([]);

  const late = await story.finished();
  await story.until(late, 59);
  await stage.clock.setTime(late.finishedAtMs + 121_000);
  await stage.pass(0);
  // Of the two that are due, the one of the first minute is gone.
  expect(await story.failures(late)).toMatchObject([{ job_type: 'post_collect', sequence: 1 }]);
  expect((await posts(late)).length).toBe(before + 1);
});

test('a retry is late by nature and read all the same', async () => {
  const finished = await story.finished();
  stage.app.behaviour = (response) => void response.writeHead(500).end();
  await story.until(finished, 1);
  stage.app.behaviour = null;
  await story.until(finished, 200);
  expect(await story.failures(finished)).toEqual([]);
  expect(await posts(finished)).toHaveLength(4);
});

test('of the readings before, the last is taken however late: one is enough for a baseline', async () => {
  const started = await story.triggered();
  await outage(60);
  expect((await story.samples(started)).map(({ phase }) => phase)).toEqual(['pre']);
  expect((await story.failures(started)).map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3]);
});
