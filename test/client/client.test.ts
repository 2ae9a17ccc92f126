import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { createClient } from '../../client/client.ts';
import { ApiError, UnreachableError } from '../../client/errors.ts';
import { until } from '../../harness/until.ts';
import { useStage } from '../support/fixtures.ts';
import { ADMIN_TOKEN } from '../support/service.ts';

const stage = useStage({ SEQPULSE_PRE_INTERVAL_SECONDS: '0.1', SEQPULSE_POST_INTERVAL_SECONDS: '0.1' });

const url = () => stage.running.service.url;

test('a deployment from the project to its verdict, and what was read', async () => {
  const operator = createClient({ url: `${url()}/`, adminToken: ADMIN_TOKEN });
  const project = await operator.createProject({ name: 'client', metrics_endpoint: stage.app.url });
  const ci = createClient({ url: url(), apiKey: project.api_key });
  const triggered = await ci.trigger({ env: 'prod', branch: 'a"b', idempotency_key: 'k' });
  expect(triggered).toMatchObject({ status: 'created', message: null });
  expect(await ci.trigger({ env: 'prod', idempotency_key: 'k' })).toMatchObject({ status: 'existing' });
  await until('a sample', 60, async () => (await ci.samples(triggered.deployment_id)).length > 0);
  expect(await ci.finish({ deployment_id: triggered.deployment_id, result: 'success' })).toMatchObject({
    status: 'accepted',
  });
  const found = await until('a verdict', 60, async () => {
    const deployment = await ci.deployment(triggered.deployment_id);
    return deployment.state === 'analyzed' ? deployment : null;
  });
  expect(found).toMatchObject({ branch: 'a"b', verdict: { details: expect.any(Array) } });
  const watched = await ci.deploymentAtEnd(found.id, 1);
  expect(watched).toMatchObject({ deployment: { id: found.id, state: 'analyzed' } });
  expect(Math.abs((watched.serverTimeMs ?? 0) - Date.now())).toBeLessThan(60_000);
  expect(await ci.rejudge(found.id, { latency_p95_growth: 0.5 })).toMatchObject({ verdict: found.verdict?.verdict });
  expect(await ci.deployments({ env: 'prod', limit: 1 })).toMatchObject({ items: [{ id: found.id }] });
});

test('the key’s project, and its source from candidate to active', async () => {
  const operator = createClient({ url: url(), adminToken: ADMIN_TOKEN });
  const { id, api_key } = await operator.createProject({ name: 'sources', envs: ['prod', 'a b'] });
  const ci = createClient({ url: url(), apiKey: api_key });
  expect(await ci.project()).toMatchObject({
    id,
    environments: [
      { env: 'a b', source_active: false, source_type: null },
      { env: 'prod', source_active: false, last_reading: null },
    ],
  });
  const set = await operator.setSource(id, { type: 'pull', url: stage.app.url, env: 'a b' });
  expect(set).toMatchObject({ env: 'a b', active: null, candidate: { type: 'pull', url: stage.app.url } });
  expect(await operator.testSource(id, 'a b')).toMatchObject({ active: { url: stage.app.url }, candidate: null });
  expect(await operator.source(id, 'a b')).toMatchObject({ active: { type: 'pull' }, last_test_error: null });
  expect(await operator.source(id, null)).toMatchObject({ env: null, active: null });
  expect(await operator.testSource(id, null).catch((error) => error)).toMatchObject({ code: 'SOURCE_NOT_SET' });
  expect((await ci.project()).environments[0]).toMatchObject({ source_active: true, source_type: 'pull' });
});

test('an error is an ApiError with the service’s own word, faults named; it never holds the key', async () => {
  const client = createClient({ url: url(), apiKey: 'SP_secretsecretsecretsecretsecretse' });
  const refused = await client.trigger({ env: 'prod' }).catch((error) => error);
  expect(refused).toBeInstanceOf(ApiError);
  expect(refused).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
  expect(String(refused)).not.toContain('SP_secret');

  const operator = createClient({ url: url(), adminToken: ADMIN_TOKEN });
  const invalid = await operator.createProject({ name: '' }).catch((error) => error);
  expect(invalid).toMatchObject({ status: 422, code: 'VALIDATION_FAILED' });
  expect(invalid.message).toContain('name');
});

test('a page of a proxy in between is an error without a code; a redirect is not followed with the key', async () => {
  const seen: string[] = [];
  const proxy = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    if (request.url?.startsWith('/deployments/trigger')) response.writeHead(302, { location: '/stolen' }).end();
    else response.writeHead(503, { 'content-type': 'text/html', 'retry-after': '7' }).end('<h1>Sorry</h1>');
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  try {
    const client = createClient({ url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, apiKey: 'SP_x' });
    expect(await client.deployment('a/b').catch((error) => error)).toMatchObject({
      status: 503,
      code: null,
      retryAfterSeconds: 7,
    });
    expect(await client.trigger({ env: 'prod' }).catch((error) => error)).toMatchObject({ status: 302 });
    expect(seen).toEqual(['GET /deployments/a%2Fb', 'POST /deployments/trigger']);
  } finally {
    proxy.close();
  }
});

test('nobody there, and nobody who answers in time, are UnreachableErrors that say so in a line', async () => {
  const silent = createServer(() => {});
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  try {
    const slow = createClient({ url: `http://127.0.0.1:${port}`, timeoutMs: 100 });
    const late = await slow.deployments().catch((error) => error);
    expect(late).toBeInstanceOf(UnreachableError);
    expect(late.message).toBe(`GET http://127.0.0.1:${port}/deployments: no answer in time`);
  } finally {
    silent.closeAllConnections();
    silent.close();
  }
  await once(silent, 'close');
  const gone = await createClient({ url: `http://127.0.0.1:${port}` })
    .deployments()
    .catch((error) => error);
  expect(gone).toBeInstanceOf(UnreachableError);
  expect(gone.message).toContain('ECONNREFUSED');
});
