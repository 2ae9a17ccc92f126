import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { HEALTHY } from '../../harness/observed-app.ts';
import { expectProblem } from '../support/problem.ts';
import { openStage, type Stage } from '../support/stage.ts';

let stage: Stage;
let serial = 0;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(() => {
  stage.app.behaviour = null;
});
afterAll(async () => await stage[Symbol.asyncDispose]());

const operator: Stage['api']['operator'] = (method, path, body) => stage.api.operator(method, path, body);
async function create(more: object = {}) {
  serial += 1;
  const answer = await operator('POST', '/projects', { name: `project ${serial}`, ...more });
  expect(answer.status).toBe(201);
  return answer.body;
}

const setEndpoint = (id: string, body: object) => operator('PUT', `/projects/${id}/endpoint`, body);
const testEndpoint = (id: string, body: object = {}) => operator('POST', `/projects/${id}/endpoint/test`, body);

test('a candidate becomes the active endpoint by its test, not before', async () => {
  const { id, api_key } = await create();
  const candidate = await setEndpoint(id, { url: stage.app.url });
  expect(candidate.body).toMatchObject({ env: null, candidate_url: stage.app.url, active_url: null });
  expectProblem(await stage.api.trigger(api_key, { env: 'prod' }), 'PROJECT_ENDPOINT_BLOCKED');
  const tested = await testEndpoint(id);
  expect(tested.status).toBe(200);
  expect(tested.body).toMatchObject({
    env: null,
    candidate_url: null,
    active_url: stage.app.url,
    last_test_error: null,
  });
  expect((await stage.api.trigger(api_key, { env: 'prod' })).body.status).toBe('created');
});

test('a failing test keeps the old endpoint and says why', async () => {
  const { id } = await create({ metrics_endpoint: stage.app.url });
  await setEndpoint(id, { url: `${stage.app.url}?v=2` });
  stage.app.behaviour = (response) => response.end('{"metrics":{"latency_p95":"fast"}}');
  const answer = await testEndpoint(id);
  expectProblem(answer, 'ENDPOINT_TEST_FAILED');
  expect(answer.body.detail).toMatch(/latency_p95/);
  const project = (await operator('GET', `/projects/${id}`)).body;
  expect(project.metrics_endpoint).toBe(stage.app.url);
  expect(project.endpoints[0]).toMatchObject({ candidate_url: `${stage.app.url}?v=2` });
  expect(project.endpoints[0].last_test_error).toMatch(/latency_p95/);
});

test('a test that fails after another candidate was set says nothing about that one', async () => {
  const { id } = await create();
  await setEndpoint(id, { url: `${stage.app.url}?first` });
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  stage.app.behaviour = (response) => {
    asked.resolve();
    void answer.promise.then(() => response.writeHead(500).end());
  };
  const tested = testEndpoint(id);
  await asked.promise;
  await setEndpoint(id, { url: `${stage.app.url}?second` });
  answer.resolve();
  expectProblem(await tested, 'ENDPOINT_TEST_FAILED');
  const [endpoint] = (await operator('GET', `/projects/${id}`)).body.endpoints;
  expect(endpoint).toMatchObject({ candidate_url: `${stage.app.url}?second`, last_test_error: null });
});

test('without a candidate the active endpoint is tested again', async () => {
  const { id } = await create({ metrics_endpoint: stage.app.url });
  expect((await testEndpoint(id)).status).toBe(200);
  stage.app.behaviour = (response) => response.writeHead(500).end();
  expectProblem(await testEndpoint(id), 'ENDPOINT_TEST_FAILED');
  expect((await operator('GET', `/projects/${id}`)).body.metrics_endpoint).toBe(stage.app.url);
});

test('an environment’s own endpoint wins over the default, and the others keep the default', async () => {
  const { id, api_key } = await create({ envs: ['prod', 'staging'], metrics_endpoint: stage.app.url });
  const own = `${stage.app.url}?env=staging`;
  await setEndpoint(id, { url: own, env: 'staging' });
  expect((await testEndpoint(id, { env: 'staging' })).body).toMatchObject({ env: 'staging', active_url: own });
  const trigger = (env: string, metrics_endpoint: string) => stage.api.trigger(api_key, { env, metrics_endpoint });
  expectProblem(await trigger('staging', stage.app.url), 'ENDPOINT_MISMATCH');
  expectProblem(await trigger('prod', own), 'ENDPOINT_MISMATCH');
  expect((await trigger('staging', own)).body.status).toBe('created');
  expect((await trigger('prod', stage.app.url)).body.status).toBe('created');
});

test('an untested endpoint of an environment leaves the default in force there', async () => {
  const { id, api_key } = await create({ metrics_endpoint: stage.app.url });
  await setEndpoint(id, { url: `${stage.app.url}?own=1`, env: 'prod' });
  const body = { env: 'prod', metrics_endpoint: stage.app.url };
  expect((await stage.api.trigger(api_key, body)).body.status).toBe('created');
});

test('endpoints of unknown environments and projects without any', async () => {
  const { id } = await create();
  expectProblem(await setEndpoint(id, { url: stage.app.url, env: 'nowhere' }), 'ENV_UNKNOWN');
  expectProblem(await testEndpoint(id, { env: 'nowhere' }), 'ENV_UNKNOWN');
  expectProblem(await testEndpoint(id), 'ENDPOINT_NOT_SET');
  expectProblem(await testEndpoint(id, { env: 'prod' }), 'ENDPOINT_NOT_SET');
});

test.each([
  ['https://shop.example:8443/m/?a=1#x', 'https://shop.example:8443/m/?a=1'],
  ['HTTP://Shop.Example:80/m//', 'http://shop.example/m//'],
  ['http://shop.example/', 'http://shop.example'],
  ['http://[2001:DB8::1]:9000/m', 'http://[2001:db8::1]:9000/m'],
])('%s is kept as %s', async (url, kept) => {
  const { id } = await create();
  expect((await setEndpoint(id, { url })).body.candidate_url).toBe(kept);
});

test.each([
  ['no URL', {}],
  ['a path', { url: '/metrics' }],
  ['another scheme', { url: 'file:///etc/passwd' }],
  ['a user name', { url: 'http://user@a.example/' }],
  ['a password', { url: 'http://:p@a.example/' }],
  ['a newline', { url: 'http://a.example/\nx' }],
  ['too long a URL', { url: `http://a.example/${'x'.repeat(2_048)}` }],
])('an endpoint with %s has a fault', async (_, body) => {
  const { id } = await create();
  const answer = await setEndpoint(id, body);
  expectProblem(answer, 'VALIDATION_FAILED');
  expect(answer.body.errors.map((fault: { path: string }) => fault.path)).toEqual(['url']);
});

test.each(['http://10.0.0.8/m', 'http://169.254.169.254/latest/meta-data', 'http://[::1]:9/m', 'http://2130706434/m'])(
  'the test of %s, which is private, fails and names no address',
  async (url) => {
    await using guarded = await openStage({ SEQPULSE_TARGET_ALLOW: 'none' });
    const created = await guarded.api.operator('POST', '/projects', { name: 'x', metrics_endpoint: url });
    expect(created.body.metrics_endpoint).toBeNull();
    const answer = await guarded.api.operator('POST', `/projects/${created.body.id}/endpoint/test`, {});
    expectProblem(answer, 'ENDPOINT_TEST_FAILED');
    expect(answer.body.detail).not.toMatch(/\d+\.\d+\.\d+\.\d+|::1/);
  },
);

test('an endpoint that answers at one of /m and /m/ alone is read as given, the other is told what to set', async () => {
  const app = createServer((request, response) => {
    if (request.url === '/m/') response.end(JSON.stringify({ metrics: HEALTHY }));
    else response.writeHead(307, { location: '/m/' }).end();
  });
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(app.address() as AddressInfo).port}/m`;
  const { id, api_key } = await create();
  await setEndpoint(id, { url });
  const refused = await testEndpoint(id);
  expectProblem(refused, 'ENDPOINT_TEST_FAILED');
  expect(refused.body.detail).toContain(`set ${url}/`);
  await setEndpoint(id, { url: `${url}/` });
  expect((await testEndpoint(id)).body.active_url).toBe(`${url}/`);
  // CI may name it either way.
  expect((await stage.api.trigger(api_key, { env: 'prod', metrics_endpoint: url })).body.status).toBe('created');
  app.closeAllConnections();
  app.close();
});

test('a new project whose endpoint fails its test says so first, with the address met and what to set', async () => {
  await using guarded = await openStage({ SEQPULSE_TARGET_ALLOW: 'none' });
  const createdWith = async (name: string, metrics_endpoint: string) =>
    (await guarded.api.operator('POST', '/projects', { name, metrics_endpoint })).body;
  const { body: ok } = await stage.api.operator('POST', '/projects', { name: 'fine', metrics_endpoint: stage.app.url });
  expect(ok.message).toBeUndefined();
  const named = await createdWith('by name', stage.app.url.replace('127.0.0.1', 'localhost'));
  expect(Object.keys(named)[0]).toBe('message');
  expect(named.message).toMatch(
    /its metrics endpoint is not active yet.*127\.0\.0\.1.*SEQPULSE_TARGET_ALLOW=.*127\.0\.0\.1\/32/,
  );
  const literal = await createdWith('by address', 'http://[fd00::7]/m');
  expect(literal.message).toContain('SEQPULSE_TARGET_ALLOW=fd00::7/128 ');
  const metadata = await createdWith('metadata', 'http://169.254.169.254/latest');
  expect(metadata.message).toMatch(/cloud metadata/);
  expect(metadata.message).not.toContain('SEQPULSE_TARGET_ALLOW=');
  const elsewhere = await createdWith('elsewhere', 'http://nowhere.invalid/m');
  expect(elsewhere.message).toContain('POST /projects/{id}/endpoint/test');
});

test('PATCH with metrics_endpoint is PUT endpoint and its test', async () => {
  const { id } = await create({ metrics_endpoint: stage.app.url });
  const patch = (body: object) => operator('PATCH', `/projects/${id}`, body);
  const moved = await patch({ metrics_endpoint: `${stage.app.url}?v=2`, observation_window_minutes: 15 });
  expect(moved.body).toMatchObject({ metrics_endpoint: `${stage.app.url}?v=2`, observation_window_minutes: 15 });
  stage.app.behaviour = (response) => response.writeHead(503).end();
  const failed = await patch({ metrics_endpoint: `${stage.app.url}?v=3`, observation_window_minutes: 30 });
  expectProblem(failed, 'ENDPOINT_TEST_FAILED');
  const { body } = await operator('GET', `/projects/${id}`);
  expect(body).toMatchObject({ metrics_endpoint: `${stage.app.url}?v=2`, observation_window_minutes: 15 });
  expect(body.endpoints[0]).toMatchObject({ candidate_url: `${stage.app.url}?v=3` });
});

test('PATCH refuses to change what it can not, takes it back unchanged, and ignores what nobody knows', async () => {
  const { id } = await create({ metrics_endpoint: stage.app.url });
  const patch = (body: object) => operator('PATCH', `/projects/${id}`, body);
  const { body: shown } = await operator('GET', `/projects/${id}`);
  // Also while the application is down: nothing new is to be read.
  stage.app.behaviour = (response) => response.writeHead(503).end();
  expect((await patch({ ...shown, name: `${shown.name}!` })).status).toBe(200);
  expect((await patch({ nobody_knows: 1 })).status).toBe(200);
  const refused = await patch({ hmac_enabled: true, endpoints: [], id, created_at: 'now' });
  expectProblem(refused, 'VALIDATION_FAILED');
  expect(refused.body.errors.map(({ path }: { path: string }) => path).sort()).toEqual([
    'created_at',
    'endpoints',
    'hmac_enabled',
  ]);
});
