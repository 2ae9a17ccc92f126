import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createProtobufCodec, duration, type Export, exportOf, gauge, sum, toJson } from '../../harness/otlp-bodies.ts';
import { until } from '../../harness/until.ts';
import { START_TIME } from '../support/clock.ts';
import { type ClockedStage, openClockedStage } from '../support/stage.ts';

const EDGES = [0.05, 0.1, 0.2, 0.4];
const START_MS = START_TIME - 86_400_000;
const codec = createProtobufCodec();

let stage: ClockedStage;
let serial = 0;

beforeAll(async () => {
  stage = await openClockedStage({ SEQPULSE_OTLP_MAX_STREAMS: '40', SEQPULSE_OTLP_POINTS_PER_MINUTE: '5000' });
});
afterEach(async () => await stage.reset());
afterAll(async () => await stage?.[Symbol.asyncDispose]());

/**
 * What one instance exports at a time: 20 requests/s since long ago; since `failingMs` 10/s more that fail; since `slowMs` .18
 * instead of .1 s on average, in the same buckets.
 */
function exported(
  atMs: number,
  {
    failingMs = Number.POSITIVE_INFINITY,
    slowMs = Number.POSITIVE_INFINITY,
    attributes = {} as Record<string, string>,
    declinedMs = Number.POSITIVE_INFINITY,
  } = {},
): Export {
  const count = Math.round((20 * (atMs - START_MS)) / 1_000);
  const failures = Math.max(0, Math.round((10 * (atMs - failingMs)) / 1_000));
  const point = (status: number, all: number) => ({
    startMs: START_MS,
    atMs,
    edges: EDGES,
    counts: [0, Math.floor(all / 2), all - Math.floor(all / 2), 0, 0],
    sum: all * 0.1 + Math.max(0, (20 * (atMs - slowMs)) / 1_000) * 0.08,
    attributes: { 'http.response.status_code': status },
  });
  return exportOf({
    attributes: { 'service.name': 'checkout', 'service.version': '1', ...attributes },
    metrics: [
      duration('cumulative', [point(200, count), ...(failures > 0 ? [point(500, failures)] : [])]),
      gauge('process.cpu.utilization', [{ atMs, value: 0.3 }]),
      gauge('k8s.pod.memory_limit_utilization', [{ atMs, value: 0.5 }]),
      sum('orders', 'cumulative', [
        { startMs: START_MS, atMs, value: Math.round((10 * (atMs - START_MS)) / 1_000), attributes: { outcome: 'ok' } },
        {
          startMs: START_MS,
          atMs,
          value: Math.round((atMs - START_MS) / 10_000 + (5 * Math.max(0, atMs - declinedMs)) / 1_000),
          attributes: { outcome: 'declined' },
        },
      ]),
    ],
  });
}

async function push(key: string, body: Buffer, headers: Record<string, string> = {}) {
  const answer = await fetch(`${stage.running.service.url}/v1/metrics`, {
    method: 'POST',
    headers: { 'X-API-Key': key, 'Content-Type': 'application/x-protobuf', ...headers },
    body: new Uint8Array(body),
  });
  return {
    status: answer.status,
    type: answer.headers.get('content-type'),
    headers: answer.headers,
    body: Buffer.from(await answer.arrayBuffer()),
  };
}
const pushJson = async (key: string, body: Export) =>
  await push(key, toJson(body), { 'Content-Type': 'application/json' });

async function project(more: object = {}) {
  serial += 1;
  return await stage.api.newProject({ name: `otlp ${serial}`, ...more });
}
const put = (id: string, body: object) => stage.api.operator('PUT', `/projects/${id}/source`, body);
const run = (id: string) => stage.api.operator('POST', `/projects/${id}/source/test`, {});

/** Milliseconds between two exports. */
const STEP_MS = 30_000;

/** Exports from `fromMs` on until `toMs`. */
async function pushes(key: string, fromMs: number, toMs: number, more: Parameters<typeof exported>[1] = {}) {
  for (let at = fromMs; at <= toMs; at += STEP_MS)
    expect((await push(key, codec.encode(exported(at, more)))).status).toBe(200);
}

/** Time goes on while the application exports. */
async function live(key: string, seconds: number, more: Parameters<typeof exported>[1] = {}) {
  for (let passed = 0; passed < seconds; passed += STEP_MS / 1_000) {
    await stage.pass(STEP_MS / 1_000);
    expect(
      (await push(key, gzipSync(codec.encode(exported(stage.clock.now(), more))), { 'Content-Encoding': 'gzip' }))
        .status,
    ).toBe(200);
  }
}

test('no setting in the application but where to send: the test shows five numbers, and a typo the names there are', async () => {
  const { id, api_key: _, apiKey } = (await project()) as never as { id: string; api_key: string; apiKey: string };
  await put(id, { type: 'otlp', service_name: 'chekout' });
  const empty = await run(id);
  expect(empty.status).toBe(422);
  expect(empty.body.detail).toMatch(/nothing was received/);
  const now = stage.clock.now();
  await pushes(apiKey, now - 900_000, now);
  expect((await run(id)).body.detail).toMatch(/no service is called "chekout"; there are: checkout/);
  expect((await put(id, { type: 'otlp', service_name: 'checkout' })).body).toMatchObject({
    active: null,
    candidate: { type: 'otlp', service_name: 'checkout' },
  });
  const tested = await run(id);
  expect(tested.status).toBe(200);
  expect(tested.body).toMatchObject({
    active: { type: 'otlp', service_name: 'checkout' },
    candidate: null,
    scrape_interval_seconds: 30,
    latency_p95_bucket: [100, 200],
    latency_mean: expect.closeTo(100, 3),
    versions: { requests: { 1: expect.closeTo(20, 1) }, problem: null },
  });
  const { numbers } = tested.body;
  expect(numbers.requests_per_sec).toMatchObject({ query: 'http.server.request.duration', series: 1, problem: null });
  expect(numbers.requests_per_sec.value).toBeCloseTo(20, 1);
  expect(numbers.requests_per_sec.minutes_with_data).toBeGreaterThanOrEqual(13);
  expect(numbers.cpu_usage).toMatchObject({ value: expect.closeTo(0.3, 9), query: 'process.cpu.utilization' });
  expect(numbers.memory_usage.value).toBeCloseTo(0.5, 9);
  // Between deployments it is read into the ring like an application that serves its numbers.
  await live(apiKey, 120);
  const reading = await until('it to be read', 30, async () => {
    // Second by second: each environment has one of its own.
    for (let second = 0; second < 10; second += 1) {
      await stage.tick(1);
      await stage.running.service.sweep.idle();
    }
    await push(apiKey, codec.encode(exported(stage.clock.now())));
    const { body: own } = await stage.api.request('GET', '/project', { headers: { 'X-API-Key': apiKey } });
    expect(own.environments[0]).toMatchObject({ source_type: 'otlp', last_error: null });
    return own.environments[0].last_reading;
  });
  expect(reading.requests_per_sec).toBeCloseTo(20, 1);
});

test('a faulty deployment is found from what was pushed, with an hour of history at the first trigger ever', async () => {
  const { id, apiKey } = await project();
  const now = stage.clock.now();
  await pushes(apiKey, now - 1_500_000, now);
  await put(id, { type: 'otlp' });
  expect((await run(id)).status).toBe(200);
  const { body } = await stage.api.trigger(apiKey, { env: 'prod' });
  expect(body.status).toBe('created');
  await live(apiKey, 60);
  await stage.api.finish(apiKey, { deployment_id: body.deployment_id, result: 'success' });
  await live(apiKey, 420, { failingMs: stage.clock.now() - 60_000 });
  const read = (await stage.api.deployment(apiKey, body.deployment_id)).body;
  expect(read).toMatchObject({ state: 'analyzed', verdict: { verdict: 'rollback_recommended' } });
  const { body: stored } = await stage.api.request('GET', `/deployments/${body.deployment_id}/metrics`, {
    headers: { 'X-API-Key': apiKey },
  });
  const phases = stored.samples.map(({ phase }: { phase: string }) => phase);
  expect(phases.filter((phase: string) => phase === 'post')).toHaveLength(5);
  expect(phases.filter((phase: string) => phase === 'pre')).toHaveLength(15);
});

test('a deployment that is slower within one bucket is found by the mean, which says so', async () => {
  const { id, apiKey } = await project();
  const now = stage.clock.now();
  await pushes(apiKey, now - 1_500_000, now);
  await put(id, { type: 'otlp' });
  await run(id);
  const { body } = await stage.api.trigger(apiKey, { env: 'prod' });
  await live(apiKey, 60);
  await stage.api.finish(apiKey, { deployment_id: body.deployment_id, result: 'success' });
  await live(apiKey, 420, { slowMs: stage.clock.now() - 30_000 });
  const { verdict } = (await stage.api.deployment(apiKey, body.deployment_id)).body;
  expect(verdict.verdict).toBe('attention');
  expect(verdict.headline).toMatch(/^Mean latency rose from 100 ms to 180 ms/i);
  const latency = verdict.details.find(({ metric }: { metric: string }) => metric === 'latency_p95');
  expect(latency).toMatchObject({
    baseline: expect.closeTo(100, 3),
    observed: expect.closeTo(180, 3),
    evidence: { judged_by: 'latency_mean', resolution: [100, 200], p95_blind: true },
  });
});

test('the source away for four of the five minutes after: five samples, when its exporter comes back', async () => {
  const { id, apiKey } = await project();
  const now = stage.clock.now();
  await pushes(apiKey, now - 1_500_000, now);
  await put(id, { type: 'otlp' });
  await run(id);
  const { body } = await stage.api.trigger(apiKey, { env: 'prod' });
  await live(apiKey, 60);
  await stage.api.finish(apiKey, { deployment_id: body.deployment_id, result: 'success' });
  await live(apiKey, 30);
  await stage.pass(240);
  await live(apiKey, 600);
  const read = (await stage.api.deployment(apiKey, body.deployment_id)).body;
  expect(read).toMatchObject({ state: 'analyzed', verdict: { verdict: 'ok' } });
  const { body: stored } = await stage.api.request('GET', `/deployments/${body.deployment_id}/metrics`, {
    headers: { 'X-API-Key': apiKey },
  });
  const post = stored.samples.filter(({ phase }: { phase: string }) => phase === 'post');
  expect(post).toHaveLength(5);
  for (const sample of post) expect(sample.requests_per_sec).toBeCloseTo(20, 1);
});

test('answers and errors are OTLP’s own, in the encoding that came', async () => {
  const { apiKey } = await project();
  const now = stage.clock.now();
  expect(await pushJson(apiKey, exported(now))).toMatchObject({ status: 200, type: 'application/json' });
  const whole = await push(apiKey, codec.encode(exported(now)));
  expect(whole).toMatchObject({ status: 200, type: 'application/x-protobuf' });
  expect(whole.body).toHaveLength(0);
  const wrongKey = await push(`SP_${'0'.repeat(32)}`, codec.encode(exported(now)));
  expect(wrongKey.status).toBe(401);
  expect(codec.readStatus(wrongKey.body)).toMatchObject({ code: 16 });
  const broken = await push(apiKey, Buffer.from([0x0a, 0x7f]));
  expect(broken.status).toBe(400);
  expect(codec.readStatus(broken.body)).toMatchObject({ code: 3 });
  const brokenJson = await push(apiKey, Buffer.from('{'), { 'Content-Type': 'application/json' });
  expect(JSON.parse(brokenJson.body.toString())).toEqual({ code: 3, message: 'The body is no JSON in UTF-8.' });
  expect((await push(apiKey, Buffer.from('x'), { 'Content-Type': 'text/plain' })).status).toBe(415);
  expect((await push(apiKey, Buffer.from('x'), { 'Content-Encoding': 'br' })).status).toBe(415);
  expect((await push(apiKey, Buffer.from('x'), { 'Content-Encoding': 'gzip' })).status).toBe(400);
  expect((await push(apiKey, Buffer.alloc(4 * 1024 * 1024 + 1))).status).toBe(413);
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
  expect((await push(apiKey, bomb, { 'Content-Encoding': 'gzip' })).status).toBe(413);
});

test('what is refused is counted and said, and the rest is kept', async () => {
  const { apiKey } = await project();
  const elsewhere = await push(
    apiKey,
    codec.encode(exported(stage.clock.now(), { attributes: { 'deployment.environment.name': 'qa' } })),
  );
  expect(elsewhere.status).toBe(200);
  expect(codec.readResponse(elsewhere.body)).toEqual({
    partialSuccess: { rejectedDataPoints: 3, errorMessage: 'the project has no environment "qa"; it has "prod"' },
  });
  const many = Array.from({ length: 60 }, (_, route) => ({
    atMs: stage.clock.now(),
    startMs: START_MS,
    edges: EDGES,
    counts: [1, 0, 0, 0, 0],
    attributes: { 'http.route': `/${route}` },
  }));
  const beyond = await pushJson(apiKey, exportOf({ metrics: [duration('cumulative', many)] }));
  const { partialSuccess } = JSON.parse(beyond.body.toString());
  expect(partialSuccess).toMatchObject({ rejectedDataPoints: '20' });
  expect(partialSuccess.errorMessage).toMatch(/more than 40 streams/);
});

test('points are limited, not requests', async () => {
  const { apiKey } = await project();
  const body = codec.encode(exported(stage.clock.now()));
  for (let request = 0; request < 110; request += 1) expect((await push(apiKey, body)).status).toBe(200);
  const point = { atMs: stage.clock.now(), startMs: START_MS, edges: EDGES, counts: [1, 0, 0, 0, 0] };
  const many = codec.encode(
    exportOf({
      metrics: [
        duration(
          'cumulative',
          Array.from({ length: 5_000 }, () => point),
        ),
      ],
    }),
  );
  expect((await push(apiKey, many)).status).toBe(200);
  const refused = await push(apiKey, body);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(codec.readStatus(refused.body)).toMatchObject({ code: 8 });
});

test('metrics of a team’s own, from their instruments: set, tried, read, judged and told', async () => {
  const { id, apiKey } = await project();
  const declined = {
    name: 'declined',
    kind: 'share',
    worse: 'up',
    matters: { absolute: 0.02 },
    instrument: 'orders',
    attributes: { outcome: 'declined' },
  };
  const orders = { name: 'orders', unit: 'orders', kind: 'rate', worse: 'down', instrument: 'orders' };
  const typo = { name: 'typo', kind: 'level', worse: 'both', instrument: 'queue' };
  const set = await put(id, { type: 'otlp', metrics: [declined, orders, typo] });
  expect(set.body.candidate.metrics[0]).toMatchObject({
    ...declined,
    matters: { relative: null, absolute: 0.02 },
    statistic: null,
    of: { instrument: 'orders', attributes: {} },
  });
  const now = stage.clock.now();
  await pushes(apiKey, now - 1_500_000, now);
  const tested = await run(id);
  expect(tested.status).toBe(200);
  expect(tested.body.custom).toMatchObject({
    declined: { value: expect.closeTo(0.0099, 3), events: expect.closeTo(10.1, 1), problem: null },
    orders: { value: expect.closeTo(10.1, 1), series: 2 },
    typo: { value: null, problem: expect.stringMatching(/^no points of instrument queue; there are: http/) },
  });
  const { body } = await stage.api.trigger(apiKey, { env: 'prod' });
  await live(apiKey, 60);
  await stage.api.finish(apiKey, { deployment_id: body.deployment_id, result: 'success' });
  await live(apiKey, 420, { declinedMs: stage.clock.now() - 60_000 });
  const { body: stored } = await stage.api.request('GET', `/deployments/${body.deployment_id}/metrics`, {
    headers: { 'X-API-Key': apiKey },
  });
  expect(stored.samples[0]).toMatchObject({
    phase: 'pre',
    custom: { declined: expect.closeTo(0.0099, 3), orders: expect.closeTo(10.1, 1), typo: null },
    custom_missing: { typo: 'not_measured' },
    custom_events: { declined: expect.closeTo(606, -1) },
  });
  const { verdict } = (await stage.api.deployment(apiKey, body.deployment_id)).body;
  expect(verdict.headline).toMatch(/declined rose from 1\.0 % to 37\.\d %/);
  const own = verdict.details.filter(({ metric }: { metric: string }) => metric === 'custom');
  expect(own.map(({ name, severity }: { name: string; severity: string }) => [name, severity])).toEqual([
    ['declined', 'critical'],
    ['orders', 'none'],
    ['typo', 'none'],
  ]);
});

test.each([
  ['a share of itself', { kind: 'share', instrument: 'orders' }, 'metrics.0.attributes', /of itself/],
  ['an instrument that is blank', { kind: 'rate', instrument: ' ' }, 'metrics.0.instrument', /blank/],
  ['a statistic of a rate', { kind: 'rate', instrument: 'a', statistic: 'mean' }, 'metrics.0.statistic', /level/],
  ['what a level is of', { kind: 'level', instrument: 'a', of: { instrument: 'b' } }, 'metrics.0.of', /share/],
  [
    'nine attributes',
    {
      kind: 'rate',
      instrument: 'a',
      attributes: Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`a${at}`, 'x'])),
    },
    'metrics.0.attributes',
    /8 at the most/,
  ],
])('%s is refused in words', async (_what, metric, path, message) => {
  const { id } = await project();
  const answer = await put(id, { type: 'otlp', metrics: [{ name: 'own', worse: 'up', ...metric }] });
  expect(answer.status).toBe(422);
  expect(answer.body.errors[0]).toMatchObject({ path, message: expect.stringMatching(message) });
});

test('more than can be stored: 429 that says when to try again, and taken again once others are done', async () => {
  const { apiKey } = await project();
  const { hostname, port } = new URL(stage.running.service.url);
  const body = codec.encode(exported(stage.clock.now()));
  const head = `POST /v1/metrics HTTP/1.1\r\nHost: a\r\nX-API-Key: ${apiKey}\r\nContent-Type: application/x-protobuf\r\n`;
  const waiting = new Set<Socket>();
  // Announces the largest body and sends none of it; whoever is answered (refused, or ended as too slow) is replaced.
  const announce = () => {
    const socket = connect(Number(port), hostname);
    waiting.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => {
      waiting.delete(socket);
      socket.destroy();
      announce();
    });
    socket.write(`${head}Content-Length: ${4 * 1_024 * 1_024}\r\n\r\n`);
  };
  try {
    // As much as may be under way.
    for (let i = 0; i < 6; i += 1) announce();
    const refused = await until('it to be behind', 10, async () => {
      const answer = await push(apiKey, body);
      return answer.status === 429 ? answer : null;
    });
    expect(refused.headers.get('retry-after')).toBe('5');
    expect(codec.readStatus(refused.body)).toMatchObject({ code: 8 });
  } finally {
    for (const socket of waiting) socket.destroy();
  }
  await until('it to be taken', 10, async () => (await push(apiKey, body)).status === 200);
});
