import { expect, test } from 'vitest';
import type { NewProject } from '../../harness/api.ts';
import { useStage } from '../support/fixtures.ts';
import { expectProblem } from '../support/problem.ts';

const stage = useStage();
let serial = 0;

async function newProject(more: object = {}): Promise<NewProject> {
  serial += 1;
  return await stage.api.newProject({ name: `project ${serial}`, endpoint: stage.app.url, ...more });
}

async function finish(apiKey: string, deployment_id: string) {
  return await stage.api.finish(apiKey, { deployment_id, result: 'success' });
}

test('the same key in one env is one deployment, also after it has finished', async () => {
  const { apiKey } = await newProject();
  const body = { env: 'prod', idempotency_key: 'run 1' };
  const first = await stage.api.trigger(apiKey, body);
  await finish(apiKey, first.body.deployment_id);
  const again = await stage.api.trigger(apiKey, body);
  expect(again.body).toMatchObject({ deployment_id: first.body.deployment_id, status: 'existing' });
});

test('the same key in another env or another project is another deployment', async () => {
  const a = await newProject({ envs: ['staging', 'prod'] });
  const b = await newProject();
  const ids = new Set<string>();
  for (const [apiKey, env] of [
    [a.apiKey, 'staging'],
    [a.apiKey, 'prod'],
    [b.apiKey, 'prod'],
  ] as const) {
    const answer = await stage.api.trigger(apiKey, { env, idempotency_key: 'one CI run' });
    expect(answer.body.status).toBe('created');
    ids.add(answer.body.deployment_id);
  }
  expect(ids.size).toBe(3);
});

test('the header wins over the body', async () => {
  const { apiKey } = await newProject();
  const first = await stage.api.trigger(
    apiKey,
    { env: 'prod', idempotency_key: 'body' },
    { 'X-Idempotency-Key': 'header' },
  );
  await finish(apiKey, first.body.deployment_id);
  const byBody = await stage.api.trigger(apiKey, { env: 'prod', idempotency_key: 'body' });
  expect(byBody.body.status).toBe('created');
  const byHeader = await stage.api.trigger(
    apiKey,
    { env: 'prod', idempotency_key: 'other' },
    { 'X-Idempotency-Key': 'header' },
  );
  expect(byHeader.body.deployment_id).toBe(first.body.deployment_id);
});

test.each([
  ['blank in the body', { idempotency_key: '   ' }, {}],
  ['empty in the body', { idempotency_key: '' }, {}],
  ['blank in the header', {}, { 'X-Idempotency-Key': '  ' }],
])('a key that is %s is none: the next trigger is a new deployment', async (_, body, headers) => {
  const { apiKey } = await newProject();
  const first = await stage.api.trigger(apiKey, { env: 'prod', ...body }, headers);
  await finish(apiKey, first.body.deployment_id);
  const second = await stage.api.trigger(apiKey, { env: 'prod', ...body }, headers);
  expect(second.body.status).toBe('created');
});

test('a blank header leaves the body’s key in force', async () => {
  const { apiKey } = await newProject();
  const body = { env: 'prod', idempotency_key: 'body' };
  const first = await stage.api.trigger(apiKey, body, { 'X-Idempotency-Key': ' ' });
  await finish(apiKey, first.body.deployment_id);
  expect((await stage.api.trigger(apiKey, body)).body.deployment_id).toBe(first.body.deployment_id);
});

test('one key is one key whether it came by header or body, blanks around it or not', async () => {
  const { apiKey } = await newProject();
  const first = await stage.api.trigger(apiKey, { env: 'prod' }, { 'X-Idempotency-Key': ' run 7 ' });
  await finish(apiKey, first.body.deployment_id);
  for (const idempotency_key of ['run 7', ' run 7 ']) {
    const again = await stage.api.trigger(apiKey, { env: 'prod', idempotency_key });
    expect(again.body.deployment_id).toBe(first.body.deployment_id);
  }
});

test('a header key of 255 characters is taken, one of 256 has a fault', async () => {
  const { apiKey } = await newProject();
  const answer = await stage.api.trigger(apiKey, { env: 'prod' }, { 'X-Idempotency-Key': 'k'.repeat(255) });
  expect(answer.body.status).toBe('created');
  const tooLong = await stage.api.trigger(apiKey, { env: 'prod' }, { 'X-Idempotency-Key': 'k'.repeat(256) });
  expectProblem(tooLong, 'VALIDATION_FAILED');
  expect(tooLong.body.errors[0].path).toBe('header.x-idempotency-key');
});
