import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHostileBodies, type HostileBody } from '../../bench/otlp/hostile-bodies.ts';
import type { Answer } from '../../harness/api.ts';
import { type MalformedRequest, malformedRequests } from '../support/malformed-requests.ts';
import { expectProblemDocument } from '../support/problem.ts';
import { sendRaw } from '../support/raw-http.ts';
import { ADMIN_TOKEN } from '../support/service.ts';
import { openStage, type Stage } from '../support/stage.ts';

const REQUESTS = 1_000;
const EXPORTS = 200;
const AT_A_TIME = 20;
/** The seed of a failure is in its message: set it here to see the same requests again. */
const SEED = Number(process.env.SEQPULSE_TEST_SEED ?? 20_260_101);

let stage: Stage;
let apiKey: string;
beforeAll(async () => {
  stage = await openStage();
  ({ apiKey } = await stage.api.newProject({ name: 'before the fuzz', endpoint: stage.app.url }));
});
afterAll(async () => await stage[Symbol.asyncDispose]());

/** Over a bare socket: an HTTP client would mend or refuse much of it. */
async function send({ method, path, body, headers }: MalformedRequest): Promise<Answer> {
  const all = { 'X-API-Key': apiKey, Authorization: `Bearer ${ADMIN_TOKEN}`, ...headers };
  const bytes = body === undefined ? Buffer.alloc(0) : Buffer.from(body);
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${method} ${path} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n${lines.join('')}Content-Length: ${bytes.length}\r\n\r\n`;
  return await sendRaw(stage.running.service.url, Buffer.concat([Buffer.from(head), bytes]));
}

test(`each of ${REQUESTS} malformed requests gets a 4xx problem document, and the service serves on`, async () => {
  const requests = malformedRequests(REQUESTS, SEED);
  expect(requests).toHaveLength(REQUESTS);
  const codes = new Map<string, number>();
  const next = requests.values();
  const worker = async () => {
    for (const request of next) {
      const answer = await send(request);
      const shown = `seed ${SEED}: ${request.method} ${request.path.slice(0, 200)} ${String(request.body).slice(0, 200)}`;
      expect(answer.status, shown).toBeGreaterThanOrEqual(400);
      expect(answer.status, shown).toBeLessThan(500);
      expectProblemDocument(answer);
      expect(JSON.stringify(answer.body), shown).not.toContain(apiKey);
      codes.set(answer.body.code, (codes.get(answer.body.code) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));

  // The generator reaches what it means to reach.
  for (const code of [
    'MALFORMED_JSON',
    'VALIDATION_FAILED',
    'UNAUTHORIZED',
    'NOT_FOUND',
    'METHOD_NOT_ALLOWED',
    'PAYLOAD_TOO_LARGE',
    'UNSUPPORTED_MEDIA_TYPE',
  ]) {
    expect(codes.get(code) ?? 0, code).toBeGreaterThan(0);
  }
  expect((await stage.api.request('GET', '/health')).body.status).toBe('ok');
  expect((await stage.api.trigger(apiKey, { env: 'prod' })).body.status).toBe('created');
  expect(await stage.database.query('select name from seqpulse.projects')).toEqual([{ name: 'before the fuzz' }]);
});

test('nothing of it is an error of the service, and the log holds no secret', () => {
  const { logged } = stage.running;
  expect(logged.filter((line) => Number(line.level) >= 40)).toEqual([]);
  const text = JSON.stringify(logged);
  expect(text).not.toContain(apiKey);
  expect(text).not.toContain(ADMIN_TOKEN);
  expect(text).not.toMatch(/select .* from|insert into/i);
});

test(`none of ${EXPORTS} hostile exports ends in a 5xx or a broken connection, and what is sound is taken after them`, async () => {
  const next = createHostileBodies(SEED, Date.now());
  const bodies = Array.from({ length: EXPORTS }, next);
  const statuses = new Map<number, number>();
  const push = async ({ body, headers }: HostileBody): Promise<number> => {
    const answer = await fetch(`${stage.running.service.url}/v1/metrics`, {
      method: 'POST',
      headers: { ...headers, 'X-API-Key': apiKey },
      body: new Uint8Array(body),
    });
    await answer.arrayBuffer();
    return answer.status;
  };
  const worker = async (queue: Iterable<HostileBody>) => {
    for (const hostile of queue) {
      const status = await push(hostile);
      const shown = `seed ${SEED}: ${JSON.stringify(hostile.headers)} ${hostile.body.toString('base64', 0, 300)}`;
      expect(status, shown).toBeLessThan(500);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  const queue = bodies.values();
  await Promise.all(Array.from({ length: AT_A_TIME }, async () => await worker(queue)));
  // The generator reaches what it means to reach.
  expect([...statuses.keys()].sort()).toEqual([200, 400, 413]);
  const sound = Buffer.from('{"resourceMetrics":[]}');
  expect(await push({ body: sound, headers: { 'Content-Type': 'application/json' } })).toBe(200);
});
