import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { NewProject } from '../../harness/api.ts';
import { useStage } from '../support/fixtures.ts';
import { expectProblem } from '../support/problem.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const stage = useStage();
let serial = 0;

async function newProject(more: object = {}): Promise<NewProject> {
  serial += 1;
  return await stage.api.newProject({ name: `ci ${serial}`, endpoint: stage.app.url, ...more });
}

test('a trigger answers 200 with a new id, "created" and a null message, and nothing else', async () => {
  const { apiKey } = await newProject();
  const answer = await stage.api.trigger(apiKey, { env: 'prod', branch: 'main' });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toMatch(/^application\/json\b/);
  expect(answer.body).toEqual({
    deployment_id: expect.stringMatching(UUID),
    status: 'created',
    message: null,
  });
});

test('a trigger while one runs in that env is told of the running one, with whatever key', async () => {
  const { apiKey } = await newProject();
  const first = await stage.api.trigger(apiKey, { env: 'prod', idempotency_key: 'run 1' });
  for (const body of [{ env: 'prod' }, { env: 'prod', idempotency_key: 'run 2' }]) {
    const answer = await stage.api.trigger(apiKey, body);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      deployment_id: first.body.deployment_id,
      status: 'existing',
      message: expect.stringMatching(/running/),
    });
  }
});

test('a finish is accepted once; whoever comes later is ignored, and an unknown id is not_found: all of them 200', async () => {
  const { apiKey } = await newProject();
  const { deployment_id } = (await stage.api.trigger(apiKey, { env: 'prod' })).body;
  const finish = async (id: string) => await stage.api.finish(apiKey, { deployment_id: id, result: 'success' });
  const answers = [await finish(deployment_id), await finish(deployment_id), await finish(randomUUID())];
  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
  expect(answers.map((answer) => answer.body)).toEqual([
    { status: 'accepted', message: expect.stringMatching(/\S/) },
    { status: 'ignored', message: expect.stringMatching(/\S/) },
    { status: 'not_found', message: expect.stringMatching(/\S/) },
  ]);
});

test('another project’s deployment is not_found and goes on running', async () => {
  const mine = await newProject();
  const other = await newProject();
  const { deployment_id } = (await stage.api.trigger(mine.apiKey, { env: 'prod' })).body;
  const answer = await stage.api.finish(other.apiKey, { deployment_id, result: 'success' });
  expect(answer.body.status).toBe('not_found');
  expect((await stage.api.deployment(mine.apiKey, deployment_id)).body.state).toBe('running');
});

test('an id in capital letters is the same id', async () => {
  const { apiKey } = await newProject();
  const { deployment_id } = (await stage.api.trigger(apiKey, { env: 'prod' })).body;
  const answer = await stage.api.finish(apiKey, { deployment_id: deployment_id.toUpperCase(), result: 'success' });
  expect(answer.body.status).toBe('accepted');
});

test('unknown and repeated finishes are answered before the endpoint is compared', async () => {
  const { apiKey } = await newProject();
  const { deployment_id } = (await stage.api.trigger(apiKey, { env: 'prod' })).body;
  const finish = async (id: string) =>
    await stage.api.finish(apiKey, {
      deployment_id: id,
      result: 'success',
      metrics_endpoint: 'https://elsewhere.example/metrics',
    });
  expect((await finish(randomUUID())).body.status).toBe('not_found');
  expectProblem(await finish(deployment_id), 'ENDPOINT_MISMATCH');
  await stage.api.finish(apiKey, { deployment_id, result: 'success' });
  expect((await finish(deployment_id)).body.status).toBe('ignored');
});

test('a refused finish leaves the deployment running, so that the right one is accepted', async () => {
  const { apiKey } = await newProject();
  const { deployment_id } = (await stage.api.trigger(apiKey, { env: 'prod' })).body;
  const wrong = { deployment_id, result: 'success', metrics_endpoint: 'https://elsewhere.example/' };
  expectProblem(await stage.api.finish(apiKey, wrong), 'ENDPOINT_MISMATCH');
  const right = { deployment_id, result: 'failed', metrics_endpoint: `${stage.app.url}/#part` };
  expect((await stage.api.finish(apiKey, right)).body.status).toBe('accepted');
  expect((await stage.api.deployment(apiKey, deployment_id)).body).toMatchObject({
    state: 'finished',
    pipeline_result: 'failed',
  });
});

test('metrics_endpoint is compared as endpoints are: a trailing slash, a fragment and the host’s case are no difference', async () => {
  const { apiKey } = await newProject();
  const spelt = stage.app.url.replace('http://', 'HTTP://');
  for (const metrics_endpoint of [`${stage.app.url}/`, `${stage.app.url}#x`, spelt, null]) {
    expect((await stage.api.trigger(apiKey, { env: 'prod', metrics_endpoint })).status).toBe(200);
  }
  for (const metrics_endpoint of [
    `${stage.app.url}?a=1`,
    `${stage.app.url}/x`,
    stage.app.url.replace('http', 'https'),
  ]) {
    expectProblem(await stage.api.trigger(apiKey, { env: 'prod', metrics_endpoint }), 'ENDPOINT_MISMATCH');
  }
});

test('unknown body fields are ignored, null is as good as absent', async () => {
  const { apiKey } = await newProject();
  const answer = await stage.api.trigger(apiKey, {
    env: 'prod',
    branch: null,
    idempotency_key: null,
    metrics_endpoint: null,
    sdk_version: '0.4.2',
    nested: { a: [1] },
  });
  expect(answer.body.status).toBe('created');
  expect((await stage.api.deployment(apiKey, answer.body.deployment_id)).body.branch).toBeNull();
});

const BRANCH = 'ö'.repeat(255);
test.each([
  ['env of 64 characters', { env: 'e'.repeat(64) }, 200],
  ['env of 65 characters', { env: 'e'.repeat(65) }, 'env'],
  ['empty env', { env: '' }, 'env'],
  ['blank env', { env: '  ' }, 'env'],
  ['missing env', {}, 'env'],
  ['numeric env', { env: 7 }, 'env'],
  ['env with U+0000', { env: 'pr\u0000od' }, 'env'],
  ['env with a lone surrogate', { env: 'prod\ud800' }, 'env'],
  ['branch of 255 characters', { env: 'prod', branch: BRANCH }, 200],
  ['branch of 256 characters', { env: 'prod', branch: `${BRANCH}x` }, 'branch'],
  ['branch with U+0000', { env: 'prod', branch: '\u0000' }, 'branch'],
  ['branch that is a list', { env: 'prod', branch: ['main'] }, 'branch'],
  ['idempotency_key of 255 characters', { env: 'prod', idempotency_key: 'k'.repeat(255) }, 200],
  ['idempotency_key of 256 characters', { env: 'prod', idempotency_key: 'k'.repeat(256) }, 'idempotency_key'],
  ['idempotency_key with a lone surrogate', { env: 'prod', idempotency_key: '\udfff' }, 'idempotency_key'],
  ['metrics_endpoint that is no URL', { env: 'prod', metrics_endpoint: 'metrics' }, 'metrics_endpoint'],
  ['metrics_endpoint by FTP', { env: 'prod', metrics_endpoint: 'ftp://a.example/m' }, 'metrics_endpoint'],
  ['metrics_endpoint with credentials', { env: 'prod', metrics_endpoint: 'http://u:p@a.example/' }, 'metrics_endpoint'],
])('trigger: %s', async (_, body, expected) => {
  const { apiKey } = await newProject({ envs: ['prod', 'e'.repeat(64)] });
  const answer = await stage.api.trigger(apiKey, body);
  if (expected === 200) {
    expect(answer.body.status).toBe('created');
  } else {
    expectProblem(answer, 'VALIDATION_FAILED');
    expect(answer.body.errors.map((fault: { path: string }) => fault.path)).toEqual([expected]);
    expect(JSON.stringify(answer.body)).not.toContain('u:p@');
  }
});

test.each([
  ['no fields', {}, ['deployment_id', 'result']],
  ['an id that is no UUID', { deployment_id: '12', result: 'success' }, ['deployment_id']],
  ['an id with U+0000', { deployment_id: `${randomUUID()}\u0000`, result: 'success' }, ['deployment_id']],
  ['another result', { deployment_id: randomUUID(), result: 'done' }, ['result']],
  ['a result in capitals', { deployment_id: randomUUID(), result: 'SUCCESS' }, ['result']],
  ['a wrong URL', { deployment_id: randomUUID(), result: 'failed', metrics_endpoint: 'x' }, ['metrics_endpoint']],
])('finish with %s names each faulty field', async (_, body, paths) => {
  const { apiKey } = await newProject();
  const answer = await stage.api.finish(apiKey, body);
  expectProblem(answer, 'VALIDATION_FAILED');
  expect(answer.body.errors.map((fault: { path: string }) => fault.path)).toEqual(paths);
});

test('the checks of a trigger come in the contract’s order', async () => {
  const { api, app } = stage;
  const { id, apiKey } = await newProject({ envs: ['prod', 'staging'] });
  const elsewhere = 'https://elsewhere.example/metrics';
  await api.operator('PATCH', `/projects/${id}`, { envs: ['prod', 'staging'] });
  const without = await stage.api.newProject({ name: 'without an endpoint' });
  await api.operator('POST', `/projects/${id}/hmac`);
  await api.operator('POST', `/projects/${without.id}/hmac`);
  const running = await triggerUnderHmac(apiKey, { env: 'staging', idempotency_key: 'first' });
  app.behaviour = (response) => response.writeHead(401).end();

  // Each request has every later fault as well.
  expectProblem(await api.trigger('SP_x', { env: 9 }), 'UNAUTHORIZED');
  expectProblem(await api.trigger(without.apiKey, { env: '', metrics_endpoint: elsewhere }), 'VALIDATION_FAILED');
  expectProblem(await api.trigger(without.apiKey, { env: 'nowhere', metrics_endpoint: elsewhere }), 'ENV_UNKNOWN');
  expectProblem(
    await api.trigger(without.apiKey, { env: 'prod', metrics_endpoint: elsewhere }),
    'PROJECT_ENDPOINT_BLOCKED',
  );
  expectProblem(
    await api.trigger(apiKey, { env: 'staging', idempotency_key: 'first', metrics_endpoint: elsewhere }),
    'ENDPOINT_MISMATCH',
  );
  // Idempotency comes before running: the message says which of the two it was.
  const same = await api.trigger(apiKey, { env: 'staging', idempotency_key: 'first' });
  expect(same.body).toMatchObject({ deployment_id: running, message: expect.stringMatching(/idempotency/) });
  const other = await api.trigger(apiKey, { env: 'staging', idempotency_key: 'second' });
  expect(other.body).toMatchObject({ deployment_id: running, message: expect.stringMatching(/running/) });
  // Only what would be new is tried on the application.
  expectProblem(await api.trigger(apiKey, { env: 'prod' }), 'HMAC_REFUSED');
  app.behaviour = null;
  expect((await api.trigger(apiKey, { env: 'prod' })).body.status).toBe('created');
});

async function triggerUnderHmac(apiKey: string, body: object): Promise<string> {
  const answer = await stage.api.trigger(apiKey, body);
  expect(answer.body.status).toBe('created');
  return answer.body.deployment_id;
}
