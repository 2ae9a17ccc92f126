import { expect, test } from 'vitest';
import { useClockedStage } from '../support/fixtures.ts';
import { expectProblem } from '../support/problem.ts';
import { createStory } from '../support/story.ts';

const stage = useClockedStage();
const story = createStory(stage);

const SAID = {
  version: 'v2.1.0-rc.1',
  commit_sha: '3f786850e387550fdab836ed7e6dc881de23001b',
  build_url: 'https://ci.example/runs/17?attempt=2#log',
  actor: 'renovate[bot]',
  service: 'checkout "api"',
};
const NOTHING = { version: null, commit_sha: null, commit_time: null, build_url: null, actor: null, service: null };

test('what CI says of a deployment is stored and shown, alone and in the list', async () => {
  const { apiKey } = await stage.api.newProject({ name: 'said', endpoint: stage.app.url });
  const body = { env: 'prod', branch: 'main', ...SAID, commit_time: '2026-05-04T12:00:00+02:00' };
  const { deployment_id } = (await stage.api.trigger(apiKey, body)).body;
  const shown = { branch: 'main', ...SAID, commit_time: '2026-05-04T10:00:00.000Z' };
  expect((await stage.api.deployment(apiKey, deployment_id)).body).toMatchObject(shown);
  const list = await stage.api.request('GET', '/deployments', { headers: { 'X-API-Key': apiKey } });
  expect(list.body.items).toMatchObject([shown]);
});

test('absent, null and blank are the same', async () => {
  const { apiKey } = await stage.api.newProject({ name: 'silent', endpoint: stage.app.url, envs: ['a', 'b', 'c'] });
  const blank = { version: ' ', commit_sha: '', build_url: '', actor: '\t', service: '' };
  for (const [env, said] of [
    ['a', {}] as const,
    ['b', { ...NOTHING, supersede: null }] as const,
    ['c', blank] as const,
  ]) {
    const answer = await stage.api.trigger(apiKey, { env, ...said });
    expect(answer.body.status).toBe('created');
    expect((await stage.api.deployment(apiKey, answer.body.deployment_id)).body).toMatchObject(NOTHING);
  }
});

test.each([
  ['version', 'v'.repeat(256)],
  ['commit_sha', 7],
  ['actor', 'a\u0000b'],
  ['service', '\ud800'],
  ['build_url', 'javascript:alert(1)'],
  ['build_url', 'ftp://ci.example/'],
  ['build_url', 'https://'],
  ['build_url', `https://ci.example/${'x'.repeat(255)}`],
  ['commit_time', 'yesterday'],
  ['commit_time', '2026-05-04'],
  ['commit_time', '2026-05-04T10:00:00'],
  ['commit_time', 1_777_888_999],
  ['supersede', 'true'],
])('a trigger whose %s is %j is refused', async (field, value) => {
  const { apiKey } = await stage.api.newProject({ name: 'faulty', endpoint: stage.app.url });
  const answer = await stage.api.trigger(apiKey, { env: 'prod', [field]: value });
  expectProblem(answer, 'VALIDATION_FAILED');
  expect(answer.body.errors.map((fault: { path: string }) => fault.path)).toEqual([field]);
});

test.each([
  ['success', 'success'],
  ['failed', 'failed'],
  ['failure', 'failed'],
  ['cancelled', 'failed'],
  ['canceled', 'failed'],
  ['skipped', 'failed'],
])('a pipeline that says %s has the result %s, and its word is kept', async (outcome, result) => {
  const started = await story.triggered();
  const answer = await stage.api.finish(started.apiKey, { deployment_id: started.id, result: outcome });
  expect(answer.body.status).toBe('accepted');
  expect(await story.read(started)).toMatchObject({ pipeline_result: result, pipeline_outcome: outcome });
  await stage.pass(400);
  const { summary } = (await story.read(started)).verdict;
  if (result === 'failed') expect(summary).toMatch(/pipeline/i);
  else expect(summary).not.toMatch(/pipeline/i);
});

test('a later failure is ignored for the times and kept: the summary says it', async () => {
  const finished = await story.finished();
  const before = await story.read(finished);
  await story.until(finished, 100);
  const again = await stage.api.finish(finished.apiKey, { deployment_id: finished.id, result: 'failure' });
  expect(again.body).toEqual({ status: 'ignored', message: expect.stringContaining('"failure" now is kept') });
  const kept = { pipeline_result: 'failed', pipeline_outcome: 'failure', finished_at: before.finished_at };
  expect(await story.read(finished)).toMatchObject({ ...kept, state: 'finished' });
  await story.until(finished, 301);
  const { state, verdict, ...rest } = await story.read(finished);
  expect({ state, ...rest }).toMatchObject({ ...kept, state: 'analyzed' });
  expect(verdict.summary).toMatch(/pipeline/i);
});

test('the first failure’s word stays; a later success changes nothing', async () => {
  const started = await story.triggered();
  for (const result of ['cancelled', 'failed', 'success']) {
    await stage.api.finish(started.apiKey, { deployment_id: started.id, result });
  }
  expect(await story.read(started)).toMatchObject({ pipeline_result: 'failed', pipeline_outcome: 'cancelled' });
});

test('after the verdict nothing is kept any more', async () => {
  const finished = await story.finished();
  await story.until(finished, 301);
  const answer = await stage.api.finish(finished.apiKey, { deployment_id: finished.id, result: 'failed' });
  expect(answer.body).toEqual({ status: 'ignored', message: expect.not.stringContaining('kept') });
  expect(await story.read(finished)).toMatchObject({ pipeline_result: 'success', pipeline_outcome: 'success' });
});

test('a deployment finished before the word was kept shows what it came to', async () => {
  const finished = await story.finished();
  await stage.database.query('update seqpulse.deployments set pipeline_outcome = null where id = $1', [finished.id]);
  expect(await story.read(finished)).toMatchObject({ pipeline_outcome: 'success' });
});
