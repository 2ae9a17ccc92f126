import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NewProject } from '../../harness/api.ts';
import { expectProblem } from '../support/problem.ts';
import { dial, readAnswer, sendRaw } from '../support/raw-http.ts';
import { openStage, type Stage } from '../support/stage.ts';

const LIMIT_BYTES = 64 * 1024;

let stage: Stage;
let project: NewProject;
beforeAll(async () => {
  stage = await openStage();
  project = await stage.api.newProject({ name: 'bodies', endpoint: stage.app.url });
});
afterAll(async () => await stage[Symbol.asyncDispose]());

async function post(rawBody: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) {
  return await stage.api.request('POST', '/deployments/trigger', {
    rawBody,
    headers: { 'X-API-Key': project.apiKey, ...headers },
  });
}

/** A valid trigger for an environment that nobody has, padded to this many bytes: read whole, it is ENV_UNKNOWN. */
function bodyOfBytes(bytes: number): string {
  const frame = JSON.stringify({ env: 'nowhere', padding: '' });
  return JSON.stringify({ env: 'nowhere', padding: 'x'.repeat(bytes - frame.length) });
}

function rawTrigger(headers: string): string {
  return `POST /deployments/trigger HTTP/1.1\r\nHost: test\r\nX-API-Key: ${project.apiKey}\r\nContent-Type: application/json\r\n${headers}\r\n\r\n`;
}

test.each([
  ['cut short', '{"env":"prod"'],
  ['not JSON at all', 'env=prod'],
  ['two documents', '{"env":"prod"}{"env":"prod"}'],
  ['JSON5', "{env:'prod'}"],
  ['a number that JSON does not know', '{"env":NaN}'],
])('a body that is %s is MALFORMED_JSON', async (_, body) => {
  expectProblem(await post(body), 'MALFORMED_JSON');
});

test('a body that is not UTF-8 is MALFORMED_JSON', async () => {
  expectProblem(await post(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])), 'MALFORMED_JSON');
});

test.each([
  ['an array', '[]'],
  ['null', 'null'],
  ['a string', '"prod"'],
  ['a number', '42'],
])('a body that is %s has faults at its root', async (_, body) => {
  const answer = await post(body);
  expectProblem(answer, 'VALIDATION_FAILED');
  expect(answer.body.errors[0].path).toBe('body');
});

test.each([
  ['text/plain'],
  ['application/x-www-form-urlencoded'],
  ['multipart/form-data; boundary=x'],
  ['application/jsonp'],
  ['nonsense'],
])('a body of Content-Type %s is UNSUPPORTED_MEDIA_TYPE', async (type) => {
  expectProblem(await post('{"env":"nowhere"}', { 'Content-Type': type }), 'UNSUPPORTED_MEDIA_TYPE');
});

test.each([['application/json; charset=utf-8'], ['APPLICATION/JSON'], ['application/vnd.ci+json']])(
  'a body of Content-Type %s is read',
  async (type) => {
    expectProblem(await post('{"env":"nowhere"}', { 'Content-Type': type }), 'ENV_UNKNOWN');
  },
);

test('a body without any Content-Type is UNSUPPORTED_MEDIA_TYPE', async () => {
  const answer = await sendRaw(
    stage.running.service.url,
    `POST /deployments/trigger HTTP/1.1\r\nHost: test\r\nX-API-Key: ${project.apiKey}\r\nContent-Length: 2\r\n\r\n{}`,
  );
  expectProblem(answer, 'UNSUPPORTED_MEDIA_TYPE');
});

test('a compressed body is UNSUPPORTED_MEDIA_TYPE: nothing is unpacked', async () => {
  const answer = await post(Uint8Array.from(gzipSync('{"env":"nowhere"}')), { 'Content-Encoding': 'gzip' });
  expectProblem(answer, 'UNSUPPORTED_MEDIA_TYPE');
});

test('no body at all lacks the required fields and says which', async () => {
  const answer = await stage.api.request('POST', '/deployments/trigger', { headers: { 'X-API-Key': project.apiKey } });
  expectProblem(answer, 'VALIDATION_FAILED');
  expect(answer.body.errors.map((fault: { path: string }) => fault.path)).toEqual(['env']);
});

test('a body of 64 KiB is read, one byte more is PAYLOAD_TOO_LARGE', async () => {
  expectProblem(await post(bodyOfBytes(LIMIT_BYTES)), 'ENV_UNKNOWN');
  expectProblem(await post(bodyOfBytes(LIMIT_BYTES + 1)), 'PAYLOAD_TOO_LARGE');
});

test('a chunked body is counted as it comes: 64 KiB is read, one byte more is PAYLOAD_TOO_LARGE', async () => {
  const chunked = async (bytes: number) => {
    const body = bodyOfBytes(bytes);
    const chunks = body.match(/.{1,1000}/g)?.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`);
    const frame = `${rawTrigger('Transfer-Encoding: chunked')}${chunks?.join('')}0\r\n\r\n`;
    return await sendRaw(stage.running.service.url, frame);
  };
  expectProblem(await chunked(LIMIT_BYTES), 'ENV_UNKNOWN');
  expectProblem(await chunked(LIMIT_BYTES + 1), 'PAYLOAD_TOO_LARGE');
});

// 2³² and 2³¹ are what a 32-bit conversion turns into 0 and into a negative number.
test.each([['65537'], ['2147483648'], ['4294967296'], ['1099511627776']])(
  'an announced length of %s bytes is PAYLOAD_TOO_LARGE before any of it has come',
  async (length) => {
    expectProblem(
      await sendRaw(stage.running.service.url, rawTrigger(`Content-Length: ${length}`)),
      'PAYLOAD_TOO_LARGE',
    );
  },
);

test.each([
  ['with the length announced', 'Content-Length: 1073741824', 'PAYLOAD_TOO_LARGE'],
  ['in chunks', 'Transfer-Encoding: chunked', 'PAYLOAD_TOO_LARGE'],
  ['with a wrong key', 'Content-Length: 1073741824\r\nX-API-Key: SP_wrong', 'UNAUTHORIZED'],
] as const)('an upload of 1 GiB %s is answered and cut off', async (_, headers, code) => {
  const socket = await dial(stage.running.service.url);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => {});
  socket.write(rawTrigger(headers));
  const data = Buffer.alloc(256 * 1024, 0x20);
  const chunk = headers.startsWith('Transfer')
    ? Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from('\r\n')])
    : data;
  let answer = '';
  socket.on('data', (part) => {
    answer += part;
  });
  let sentBytes = 0;
  const pump = () => {
    while (!socket.destroyed && sentBytes < 2 ** 30) {
      sentBytes += chunk.length;
      if (!socket.write(chunk)) return;
    }
  };
  socket.on('drain', pump);
  pump();
  await closed;
  expect(answer).toContain(`"code":"${code}"`);
  expect(sentBytes).toBeLessThan(64 * 2 ** 20);
});

test('a client that writes its whole large body before it reads still gets the 413', async () => {
  const answer = await post(bodyOfBytes(4 * 2 ** 20));
  expectProblem(answer, 'PAYLOAD_TOO_LARGE');
});

test('a body that breaks off takes nothing down and is no error of the service', async () => {
  const socket = await dial(stage.running.service.url);
  socket.write(`${rawTrigger('Content-Length: 1000')}{"env":`);
  socket.end();
  const answer = await readAnswer(socket);
  expectProblem(answer, 'MALFORMED_REQUEST');
  expect((await stage.api.request('GET', '/livez')).status).toBe(200);
});

test.each([
  ['with a wrong key', 'X-API-Key: SP_00000000000000000000000000000000\r\nContent-Length: 20', 401],
  ['that announces too much', 'Content-Length: 70000', 413],
  ['that is packed', 'Content-Encoding: gzip\r\nContent-Length: 20', 415],
])('a body %s is refused before its client is told to send it', async (_what, headers, status) => {
  const head = headers.startsWith('X-API-Key')
    ? `POST /deployments/trigger HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n${headers}\r\n\r\n`
    : rawTrigger(headers);
  const expecting = head.replace('\r\n\r\n', '\r\nExpect: 100-continue\r\n\r\n');
  expect((await sendRaw(stage.running.service.url, expecting)).status).toBe(status);
});

test('a body that will be read is asked for with 100 Continue, once', async () => {
  const socket = await dial(stage.running.service.url);
  socket.write(rawTrigger('Content-Length: 2').replace('\r\n\r\n', '\r\nExpect: 100-continue\r\n\r\n'));
  const [first] = (await once(socket, 'data')) as [Buffer];
  expect(String(first)).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  socket.write('{}');
  expectProblem(await readAnswer(socket), 'VALIDATION_FAILED');
});
