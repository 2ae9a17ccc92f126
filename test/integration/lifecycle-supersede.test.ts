import { expect, test } from 'vitest';
import { BROKEN, HEALTHY } from '../../harness/observed-app.ts';
import { useClockedStage } from '../support/fixtures.ts';
import { createStory, type Started } from '../support/story.ts';

const stage = useClockedStage();
const story = createStory(stage);

/** Another deployment of the same project and environment. */
async function triggerAgain(started: Started): Promise<Started> {
  const answer = await stage.api.trigger(started.apiKey, { env: 'prod' });
  expect(answer.body.status).toBe('created');
  return { ...started, id: answer.body.deployment_id, startedAtMs: stage.clock.now() };
}

test('the earlier deployment is judged at once on the samples that it has, and names its successor', async () => {
  const first = await story.finished();
  stage.app.metrics = BROKEN;
  await story.until(first, 200);
  const second = await triggerAgain(first);
  await stage.pass(1);
  const deployment = await story.read(first);
  expect(deployment).toMatchObject({
    state: 'analyzed',
    superseded_by: second.id,
    verdict: { verdict: 'rollback_recommended' },
  });
  // Post collects at 0, 60, 120 and 180 s had been read.
  expect((await story.samples(first)).filter((sample) => sample.phase === 'post')).toHaveLength(4);
  expect(deployment.verdict.summary).toMatch(/newer deployment/);
});

test('its outstanding collects are cancelled: nothing of it is read any more, and none is a failure', async () => {
  const first = await story.finished();
  await story.until(first, 70);
  const second = await triggerAgain(first);
  await stage.pass(1);
  expect(await story.jobs(first)).toMatchObject({ 'post_collect completed': 2, 'post_collect cancelled': 3 });
  await stage.pass(900);
  expect((await story.samples(first)).filter((sample) => sample.phase === 'post')).toHaveLength(2);
  expect(await story.failures(first)).toEqual([]);
  expect(await story.read(first)).toMatchObject({ verdict: { verdict: 'insufficient_data' } });
  expect(await story.read(second)).toMatchObject({ state: 'running', superseded_by: null });
});

test('a collect that is being retried is cancelled too', async () => {
  const first = await story.finished();
  stage.app.behaviour = (response) => response.writeHead(500).end();
  await story.until(first, 35);
  stage.app.behaviour = null;
  await triggerAgain(first);
  await stage.pass(500);
  expect((await story.samples(first)).filter((sample) => sample.phase === 'post')).toEqual([]);
  expect(await story.failures(first)).toEqual([]);
});

test('a reading under way when the next trigger comes is dropped', async () => {
  const first = await story.finished();
  await story.until(first, 59);
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  stage.app.behaviour = (response) => {
    asked.resolve();
    void answer.promise.then(() => response.end(JSON.stringify({ metrics: HEALTHY })));
  };
  const passing = stage.pass(2);
  await asked.promise;
  await triggerAgain(first);
  answer.resolve();
  await passing;
  stage.app.behaviour = null;
  await stage.pass(2);
  expect((await story.samples(first)).filter((sample) => sample.phase === 'post')).toHaveLength(1);
  expect((await story.read(first)).state).toBe('analyzed');
});

test('a deployment whose analysis still waited for retries is judged at once', async () => {
  const first = await story.finished();
  await story.until(first, 200);
  stage.app.behaviour = (response) => response.writeHead(500).end();
  await story.until(first, 310);
  expect((await story.read(first)).state).toBe('finished');
  stage.app.behaviour = null;
  const second = await triggerAgain(first);
  await stage.pass(1);
  expect(await story.read(first)).toMatchObject({
    state: 'analyzed',
    superseded_by: second.id,
    verdict: { verdict: 'ok' },
  });
});

test('a deployment that has its verdict is not superseded', async () => {
  const first = await story.finished();
  await story.until(first, 301);
  const { verdict } = await story.read(first);
  await triggerAgain(first);
  await stage.pass(1);
  expect(await story.read(first)).toMatchObject({ state: 'analyzed', superseded_by: null, verdict });
});

test('a trigger in another environment supersedes nothing', async () => {
  const first = await story.finished({ envs: ['prod', 'staging'] });
  await story.until(first, 70);
  expect((await stage.api.trigger(first.apiKey, { env: 'staging' })).body.status).toBe('created');
  await story.until(first, 301);
  expect(await story.read(first)).toMatchObject({ superseded_by: null, verdict: { verdict: 'ok' } });
});

test('an existing answer supersedes nothing', async () => {
  const project = await stage.api.newProject({ name: 'by key', endpoint: stage.app.url });
  const body = { env: 'prod', idempotency_key: 'k' };
  const id = (await stage.api.trigger(project.apiKey, body)).body.deployment_id;
  await stage.api.finish(project.apiKey, { deployment_id: id, result: 'success' });
  expect((await stage.api.trigger(project.apiKey, body)).body.status).toBe('existing');
  expect((await stage.api.deployment(project.apiKey, id)).body).toMatchObject({
    state: 'finished',
    superseded_by: null,
  });
});

test('of three in a row each names its own successor', async () => {
  const first = await story.finished();
  const second = await triggerAgain(first);
  await story.finish(second);
  const third = await triggerAgain(second);
  await story.finish(third);
  await stage.pass(301);
  expect(await story.read(first)).toMatchObject({ number: 1, state: 'analyzed', superseded_by: second.id });
  expect(await story.read(second)).toMatchObject({ number: 2, state: 'analyzed', superseded_by: third.id });
  expect(await story.read(third)).toMatchObject({ number: 3, state: 'analyzed', superseded_by: null });
});

test('20 triggers at once over an observed deployment supersede it once', async () => {
  const first = await story.finished();
  const answers = await Promise.all(Array.from({ length: 20 }, () => stage.api.trigger(first.apiKey, { env: 'prod' })));
  const ids = new Set(answers.map((answer) => answer.body.deployment_id));
  expect(ids.size).toBe(1);
  await stage.pass(1);
  expect(ids).toContain((await story.read(first)).superseded_by);
});
