import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { expectProblem } from '../support/problem.ts';
import { openStage, type Stage } from '../support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(() => {
  stage.app.behaviour = null;
});
afterAll(async () => await stage[Symbol.asyncDispose]());

async function enable(projectId: string): Promise<void> {
  expect((await stage.api.operator('POST', `/projects/${projectId}/hmac`)).status).toBe(200);
}

test.each([
  [401, 'HMAC_REFUSED'],
  [403, 'HMAC_REFUSED'],
  [404, 'PREFLIGHT_FAILED'],
  [500, 'PREFLIGHT_FAILED'],
  [302, 'PREFLIGHT_FAILED'],
] as const)('a preflight that is answered %i refuses the trigger with %s and starts nothing', async (status, code) => {
  const { id, apiKey } = await stage.api.newProject({ name: `preflight ${status}`, endpoint: stage.app.url });
  await enable(id);
  stage.app.behaviour = (response) => response.writeHead(status).end();
  expectProblem(await stage.api.trigger(apiKey, { env: 'prod', idempotency_key: 'k' }), code);
  expect((await stage.api.request('GET', '/deployments', { headers: { 'X-API-Key': apiKey } })).body.items).toEqual([]);
  stage.app.behaviour = null;
  expect((await stage.api.trigger(apiKey, { env: 'prod', idempotency_key: 'k' })).body).toMatchObject({
    status: 'created',
  });
});

test('a preflight whose answer does not keep the metrics contract is PREFLIGHT_FAILED', async () => {
  const { id, apiKey } = await stage.api.newProject({ name: 'bad body', endpoint: stage.app.url });
  await enable(id);
  stage.app.behaviour = (response) => response.end('{"metrics":{}}');
  expectProblem(await stage.api.trigger(apiKey, { env: 'prod' }), 'PREFLIGHT_FAILED');
});

test('a preflight waits 2.5 s for the application, no longer', async () => {
  const { id, apiKey } = await stage.api.newProject({ name: 'slow preflight', endpoint: stage.app.url });
  await enable(id);
  stage.app.behaviour = () => {};
  const startedAt = performance.now();
  const answer = await stage.api.trigger(apiKey, { env: 'prod' });
  const seconds = (performance.now() - startedAt) / 1000;
  expectProblem(answer, 'PREFLIGHT_FAILED');
  expect(answer.body.detail).toContain('2.5 s');
  expect(seconds).toBeGreaterThan(2.4);
  expect(seconds).toBeLessThan(4.5);
});
