import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NewProject } from '../../harness/api.ts';
import { scraped } from '../support/exposition.ts';
import { expectProblem, expectProblemDocument } from '../support/problem.ts';
import { sendRaw } from '../support/raw-http.ts';
import { openStage, type Stage } from '../support/stage.ts';

let stage: Stage;
let project: NewProject;
beforeAll(async () => {
  stage = await openStage();
  project = await stage.api.newProject({ name: 'paths', endpoint: stage.app.url });
});
afterAll(async () => await stage[Symbol.asyncDispose]());

test('unknown paths are NOT_FOUND, also odd ones', async () => {
  for (const path of [
    '/nothing',
    '/deployments/a/b/c',
    '//x',
    '//deployments',
    '/%ff',
    '/..%2fetc',
    '/deployments/%00/x',
  ]) {
    expectProblem(await sendRaw(stage.running.service.url, `GET ${path} HTTP/1.1\r\nHost: t\r\n\r\n`), 'NOT_FOUND');
  }
});

test.each([
  ['a%00b'],
  ['%ff'],
  ['%E0%A4%A'],
  ['not-a-uuid'],
  ['00000000-0000-0000-0000-00000000000'],
  ['00000000-0000-0000-0000-000000000000%0a'],
  ['00000000-0000-4000-8000-000000000000'],
])('ids in the path that name nothing are NOT_FOUND: %s', async (id) => {
  const { api } = stage;
  const headers = { 'X-API-Key': project.apiKey };
  expectProblem(await api.request('GET', `/deployments/${id}`, { headers }), 'NOT_FOUND');
  expectProblem(await api.request('GET', `/deployments/${id}/metrics`, { headers }), 'NOT_FOUND');
  expectProblem(await api.operator('GET', `/projects/${id}`), 'NOT_FOUND');
  expectProblem(await api.operator('PATCH', `/projects/${id}`, { name: 'paths', envs: ['a'] }), 'NOT_FOUND');
  expectProblem(await api.operator('DELETE', `/projects/${id}`), 'NOT_FOUND');
  expectProblem(await api.operator('POST', `/projects/${id}/api-key`, {}), 'NOT_FOUND');
  expectProblem(await api.operator('PUT', `/projects/${id}/endpoint`, { url: stage.app.url }), 'NOT_FOUND');
  expectProblem(await api.operator('POST', `/projects/${id}/endpoint/test`, {}), 'NOT_FOUND');
  expectProblem(await api.operator('POST', `/projects/${id}/hmac`), 'NOT_FOUND');
  expectProblem(await api.operator('DELETE', `/projects/${id}/hmac`), 'NOT_FOUND');
});

test.each([
  ['PURGE', '/deployments/trigger', 'POST'],
  ['GET', '/deployments/trigger', 'POST'],
  ['HEAD', '/deployments/finish', 'POST'],
  ['POST', '/deployments', 'GET, HEAD'],
  ['TRACE', '/health', 'GET, HEAD'],
  ['OPTIONS', '/projects', 'GET, HEAD, POST'],
  ['PUT', '/projects/x', 'DELETE, GET, HEAD, PATCH'],
  ['PROPFIND', '/projects/x/hmac', 'DELETE, POST'],
])('%s %s is METHOD_NOT_ALLOWED and names %s', async (method, path, allow) => {
  const answer = await sendRaw(
    stage.running.service.url,
    `${method} ${path} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n`,
  );
  expect(answer.status).toBe(405);
  expect(answer.headers.get('allow')).toBe(allow);
  if (method === 'HEAD') expect(answer.body).toBe('');
  else expectProblem(answer, 'METHOD_NOT_ALLOWED');
});

test('requests are counted under the route’s template, also when refused; unknown paths under one name', async () => {
  const count = async (method: string, path: string, status: number) =>
    (await scraped(stage, `seqpulse_http_requests_total{method="${method}",path="${path}",status_code="${status}"}`)) ??
    0;
  const expectations = [
    ['PURGE', '/deployments/trigger', '_OTHER', '/deployments/trigger', 405],
    ['GET', '/deployments/finish', 'GET', '/deployments/finish', 405],
    ['GET', '/deployments/%ff', 'GET', '/deployments/{id}', 401],
    ['DELETE', '/projects/x/hmac', 'DELETE', '/projects/{id}/hmac', 401],
    ['GET', '/nothing/at/all', 'GET', '__unmatched__', 404],
    ['GET', '//x', 'GET', '__unmatched__', 404],
  ] as const;
  for (const [method, path, shownMethod, template, status] of expectations) {
    const before = await count(shownMethod, template, status);
    await sendRaw(stage.running.service.url, `${method} ${path} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n`);
    expect(await count(shownMethod, template, status), `${method} ${path}`).toBe(before + 1);
  }
});

test('HEAD answers as GET does, without the body', async () => {
  const { url } = stage.running.service;
  const headOf = async (key: string) =>
    await sendRaw(url, `HEAD /deployments HTTP/1.1\r\nHost: t\r\n${key}Connection: close\r\n\r\n`);
  const head = await headOf(`X-API-Key: ${project.apiKey}\r\n`);
  const get = await stage.api.request('GET', '/deployments', { headers: { 'X-API-Key': project.apiKey } });
  expect(head.status).toBe(200);
  expect(head.body).toBe('');
  for (const name of ['content-type', 'content-length']) expect(head.headers.get(name)).toBe(get.headers.get(name));
  expect((await headOf('')).status).toBe(401);
});

test.each([
  ['is not HTTP', 'hello there\r\n\r\n', 400],
  ['has a header without a name', 'GET /health HTTP/1.1\r\nHost: t\r\n: x\r\n\r\n', 400],
  ['has two lengths', 'POST /projects HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx', 400],
  [
    'has both a length and chunks',
    'POST /projects HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
  ],
  ['has a negative length', 'POST /projects HTTP/1.1\r\nHost: t\r\nContent-Length: -1\r\n\r\n', 400],
  ['names no host', 'GET /health HTTP/1.1\r\n\r\n', 400],
  ['has a URL of 100 KB', `GET /${'x'.repeat(100_000)} HTTP/1.1\r\nHost: t\r\n\r\n`, 431],
  ['has headers of 100 KB', `GET /health HTTP/1.1\r\nHost: t\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`, 431],
  ['asks for a tunnel', 'CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n', 405],
  ['has an unknown expectation', 'POST /nothing HTTP/1.1\r\nHost: t\r\nExpect: a miracle\r\n\r\n', 404],
])('a request that %s gets a problem document', async (_, bytes, status) => {
  const answer = await sendRaw(stage.running.service.url, bytes);
  expect(answer.status).toBe(status);
  expectProblemDocument(answer);
});

test.each([
  ['a tunnel', 'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n'],
  ['what is not HTTP', 'hello there\r\n\r\n'],
])('the connection of %s is closed even if its client keeps it', async (_, bytes) => {
  const { hostname, port } = new URL(stage.running.service.url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  socket.on('error', () => {});
  socket.resume();
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.write(bytes);
  // Its client goes on writing: that fails once the service has closed.
  const writing = setInterval(() => socket.write('x'), 100);
  await closed;
  clearInterval(writing);
});

test('a request URL in absolute form meets its route, OPTIONS * does no harm', async () => {
  const { url } = stage.running.service;
  const absolute = await sendRaw(url, 'GET http://elsewhere/livez HTTP/1.1\r\nHost: t\r\n\r\n');
  expect(absolute.status).toBe(200);
  const star = await sendRaw(url, 'OPTIONS * HTTP/1.1\r\nHost: t\r\n\r\n');
  expectProblem(star, 'NOT_FOUND');
});
