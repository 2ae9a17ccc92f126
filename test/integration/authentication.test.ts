import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NewProject } from '../../harness/api.ts';
import { expectProblem } from '../support/problem.ts';
import { ADMIN_TOKEN } from '../support/service.ts';
import { type ClockedStage, openClockedStage } from '../support/stage.ts';

const HOUR_SECONDS = 3_600;

let stage: ClockedStage;
let project: NewProject;
let deploymentId: string;
beforeAll(async () => {
  stage = await openClockedStage();
  project = await stage.api.newProject({ name: 'authentication', endpoint: stage.app.url });
  deploymentId = (await stage.api.trigger(project.apiKey, { env: 'prod' })).body.deployment_id;
});
afterAll(async () => await stage[Symbol.asyncDispose]());

const bearer = { Authorization: `Bearer ${ADMIN_TOKEN}` };
const key = () => ({ 'X-API-Key': project.apiKey });
const reads = (apiKey: string) => stage.api.request('GET', '/deployments', { headers: { 'X-API-Key': apiKey } });

const CI_ROUTES = [
  ['POST', '/deployments/trigger'],
  ['POST', '/deployments/finish'],
] as const;
const READING_ROUTES = [
  ['GET', '/deployments'],
  ['GET', '/deployments/{deployment}'],
  ['GET', '/deployments/{deployment}/metrics'],
  ['GET', '/projects/{project}/feedback'],
  ['GET', '/projects/{project}/aa-check'],
] as const;
/** Open to the same callers; what they ask for is not there yet. */
const TRUST_ROUTES = [
  ['POST', '/deployments/{deployment}/rejudge'],
  ['POST', '/deployments/{deployment}/feedback'],
] as const;
const OPERATOR_ROUTES = [
  ['POST', '/projects'],
  ['GET', '/projects'],
  ['GET', '/projects/{project}'],
  ['PATCH', '/projects/{project}'],
  ['DELETE', '/projects/{project}'],
  ['POST', '/projects/{project}/api-key'],
  ['PUT', '/projects/{project}/endpoint'],
  ['POST', '/projects/{project}/endpoint/test'],
  ['POST', '/projects/{project}/hmac'],
  ['DELETE', '/projects/{project}/hmac'],
] as const;
const at = (path: string) => path.replace('{deployment}', deploymentId).replace('{project}', project.id);

test.each([...CI_ROUTES, ...READING_ROUTES, ...TRUST_ROUTES, ...OPERATOR_ROUTES])(
  '%s %s without credentials is 401',
  async (method, path) => {
    const answer = await stage.api.request(method, at(path));
    expectProblem(answer, 'UNAUTHORIZED');
    expect(answer.headers.get('www-authenticate')).not.toBeNull();
  },
);

test.each(CI_ROUTES)('the admin token does not open %s %s', async (method, path) => {
  expectProblem(await stage.api.request(method, at(path), { headers: bearer, body: { env: 'prod' } }), 'UNAUTHORIZED');
});

test.each(OPERATOR_ROUTES)('a project’s key does not open %s %s', async (method, path) => {
  expectProblem(await stage.api.request(method, at(path), { headers: key() }), 'UNAUTHORIZED');
  const asToken = { Authorization: `Bearer ${project.apiKey}` };
  expectProblem(await stage.api.request(method, at(path), { headers: asToken }), 'UNAUTHORIZED');
  expect((await stage.api.operator('GET', `/projects/${project.id}`)).status).toBe(200);
});

test.each(READING_ROUTES)('%s %s opens to the project’s key and to the admin token', async (method, path) => {
  expect((await stage.api.request(method, at(path), { headers: key() })).status).toBe(200);
  expect((await stage.api.request(method, at(path), { headers: bearer })).status).toBe(200);
  // One right credential suffices.
  const both = { ...bearer, 'X-API-Key': 'SP_wrong' };
  expect((await stage.api.request(method, at(path), { headers: both })).status).toBe(200);
});

test.each(TRUST_ROUTES)('%s %s opens to the project’s key and to the admin token', async (method, path) => {
  for (const headers of [key(), bearer]) {
    expectProblem(await stage.api.request(method, at(path), { headers, body: { correct: true } }), 'NO_VERDICT');
  }
});

test('wrong keys of every kind are 401', async () => {
  const { apiKey } = project;
  for (const wrong of [
    '',
    'SP_',
    apiKey.slice(0, -1),
    `${apiKey}0`,
    apiKey.slice(3),
    apiKey.toUpperCase(),
    `sp_${apiKey.slice(3)}`,
    `SP_${'0'.repeat(32)}`,
    `${apiKey}, ${apiKey}`,
    `Bearer ${apiKey}`,
    "SP_' or 1=1 --",
  ]) {
    expectProblem(await reads(wrong), 'UNAUTHORIZED');
  }
  const inQuery = await stage.api.request('GET', `/deployments?api_key=${apiKey}&X-API-Key=${apiKey}`);
  expectProblem(inQuery, 'UNAUTHORIZED');
});

test('wrong tokens of every kind are 401, the scheme’s case does not matter', async () => {
  const list = (authorization: string) =>
    stage.api.request('GET', '/projects', { headers: { Authorization: authorization } });
  for (const wrong of [
    ADMIN_TOKEN,
    'Bearer',
    'Bearer ',
    `Bearer ${ADMIN_TOKEN}x`,
    `Bearer ${ADMIN_TOKEN.slice(1)}`,
    `Basic ${Buffer.from(`admin:${ADMIN_TOKEN}`).toString('base64')}`,
    `Bearer ${ADMIN_TOKEN} extra`,
  ]) {
    expectProblem(await list(wrong), 'UNAUTHORIZED');
  }
  expect((await list(`bearer ${ADMIN_TOKEN}`)).status).toBe(200);
});

test.each([
  ['that is no JSON', { rawBody: '{' }],
  ['of another type', { rawBody: 'x', headers: { 'Content-Type': 'text/plain' } }],
  ['that is too large', { rawBody: ' '.repeat(70_000) }],
  ['with faults', { rawBody: '{"env":7}' }],
])('401 wins over a body %s', async (_, { rawBody, headers = {} }: { rawBody: string; headers?: object }) => {
  for (const [method, path] of [...CI_ROUTES, ['POST', '/projects']] as const) {
    const answer = await stage.api.request(method, path, { rawBody, headers: { ...headers, 'X-API-Key': 'SP_x' } });
    expectProblem(answer, 'UNAUTHORIZED');
  }
});

test('401 does not tell which ids exist', async () => {
  const known = await stage.api.request('GET', `/projects/${project.id}`);
  const unknown = await stage.api.request('GET', '/projects/00000000-0000-4000-8000-000000000000');
  expect(known.body).toEqual(unknown.body);
});

async function rotate(id: string, body: object = {}): Promise<string> {
  const answer = await stage.api.operator('POST', `/projects/${id}/api-key`, body);
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({ api_key: expect.stringMatching(/^SP_[0-9a-f]{32}$/) });
  return answer.body.api_key;
}

test('after a rotation both keys work for 24 hours, then only the new one', async () => {
  const { id, apiKey: old } = await stage.api.newProject({ name: 'rotation', endpoint: stage.app.url });
  const fresh = await rotate(id);
  await stage.clock.setTime(stage.clock.now() + 24 * HOUR_SECONDS * 1000 - 1);
  expect((await reads(old)).status).toBe(200);
  await stage.clock.setTime(stage.clock.now() + 1);
  expectProblem(await reads(old), 'UNAUTHORIZED');
  expect((await reads(fresh)).status).toBe(200);
});

test('keep_old_hours says how long, 0 means at once', async () => {
  const { id, apiKey: first } = await stage.api.newProject({ name: 'rotation 2', endpoint: stage.app.url });
  const second = await rotate(id, { keep_old_hours: 1.5 });
  await stage.clock.setTime(stage.clock.now() + 1.5 * HOUR_SECONDS * 1000 - 1);
  expect((await reads(first)).status).toBe(200);
  const third = await rotate(id, { keep_old_hours: 0 });
  expectProblem(await reads(first), 'UNAUTHORIZED');
  expectProblem(await reads(second), 'UNAUTHORIZED');
  expect((await reads(third)).status).toBe(200);
});

test('a second rotation does not lengthen the life of the first key', async () => {
  const { id, apiKey: first } = await stage.api.newProject({ name: 'rotation 3', endpoint: stage.app.url });
  await rotate(id, { keep_old_hours: 1 });
  await rotate(id, { keep_old_hours: 100 });
  await stage.clock.setTime(stage.clock.now() + HOUR_SECONDS * 1000);
  expectProblem(await reads(first), 'UNAUTHORIZED');
});

test.each([-1, 721, '24', null, Number.NaN])('keep_old_hours %s has a fault', async (keep_old_hours) => {
  const answer = await stage.api.operator('POST', `/projects/${project.id}/api-key`, { keep_old_hours });
  expectProblem(answer, 'VALIDATION_FAILED');
  expect(answer.body.errors[0].path).toBe('keep_old_hours');
});

test('keys are stored hashed, and neither key nor token appears in a log line', async () => {
  const dump = JSON.stringify([
    await stage.database.query(`select key_sha256::text, row_to_json(k)::text from seqpulse.api_keys k`),
    stage.running.logged,
  ]);
  expect(dump).not.toContain(project.apiKey);
  expect(dump).not.toContain(project.apiKey.slice(3));
  expect(dump).not.toContain(ADMIN_TOKEN);
});
