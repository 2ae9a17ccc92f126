import { expect, test } from 'vitest';
import { BROKEN } from '../../harness/observed-app.ts';
import { useClockedStage } from '../support/fixtures.ts';
import { createStory, type Finished } from '../support/story.ts';

const stage = useClockedStage();
const story = createStory(stage);

const afterFinish = (finished: Finished, seconds: number) =>
  new Date(finished.finishedAtMs + seconds * 1000).toISOString();

test('a deployment shows how many readings came, and when its verdict is due', async () => {
  const started = await story.triggered();
  expect(await story.read(started)).toMatchObject({
    verdict_due_at: null,
    samples: { before: { expected: 5, collected: 0 }, after: { expected: 5, collected: 0 } },
  });
  await stage.pass(30);
  await story.finish(started);
  const finished = { ...started, finishedAtMs: stage.clock.now() };
  await story.until(finished, 130);
  expect(await story.read(started)).toMatchObject({
    verdict_due_at: afterFinish(finished, 300),
    samples: { before: { expected: 5, collected: 5 }, after: { expected: 5, collected: 3 } },
  });
  await story.until(finished, 301);
  expect(await story.read(started)).toMatchObject({
    verdict_due_at: null,
    samples: { before: { expected: 5, collected: 5 }, after: { expected: 5, collected: 5 } },
  });
});

test('while a collect is still being tried after the window, the verdict is due at the latest moment', async () => {
  const finished = await story.finished();
  await story.until(finished, 200);
  stage.app.behaviour = (response) => response.writeHead(500).end();
  await story.until(finished, 310);
  expect(await story.read(finished)).toMatchObject({
    state: 'finished',
    verdict_due_at: afterFinish(finished, 300 + 450 + 60),
  });
});

test('the verdict’s headline names what failed, in the list too', async () => {
  const finished = await story.finished();
  stage.app.metrics = BROKEN;
  await story.until(finished, 301);
  const { verdict } = await story.read(finished);
  expect(verdict.headline).toMatch(/(p95 latency|errors) rose from .+ to .+/);
  expect(verdict.headline.length).toBeLessThanOrEqual(120);
  const list = await stage.api.request('GET', '/deployments', { headers: { 'X-API-Key': finished.apiKey } });
  expect(list.body.items[0].verdict.headline).toBe(verdict.headline);
});
