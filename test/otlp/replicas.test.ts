import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApi, type NewProject } from '../../harness/api.ts';
import { createProtobufCodec, duration, exportOf } from '../../harness/otlp-bodies.ts';
import { ADMIN_TOKEN, type ServiceProcess, startServiceProcess } from '../../harness/service-process.ts';
import { until } from '../../harness/until.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const codec = createProtobufCodec();
const STARTED_MS = Date.now() - 3_600_000;

let database: TestDatabase;
let replicas: ServiceProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  const env = { DATABASE_URL: database.url };
  // One after the other: the first one makes the tables.
  replicas = [await startServiceProcess(env), await startServiceProcess(env)];
});
afterAll(async () => {
  for (const replica of replicas) await replica[Symbol.asyncDispose]();
  await database?.[Symbol.asyncDispose]();
});

/** Three instances, whose requests swell and ebb, so that every minute is another. */
function bodyOf(instance: number, atMs: number): Buffer {
  const seconds = (atMs - STARTED_MS) / 1_000;
  const calls = Math.floor(seconds * 10 + 200 * Math.sin(seconds / 50 + instance) + 400);
  const point = (status: number, all: number) => ({
    startMs: STARTED_MS,
    atMs,
    attributes: { 'http.response.status_code': status },
    edges: [0.1, 0.2, 0.4],
    counts: [Math.floor(all * 0.5), Math.floor(all * 0.4), Math.floor(all * 0.1), 0],
    sum: all * 0.12,
  });
  return codec.encode(
    exportOf({
      attributes: { 'service.name': 'shop', 'service.instance.id': String(instance) },
      metrics: [duration('cumulative', [point(200, calls), point(503, Math.floor(calls / 20))])],
    }),
  );
}

async function push(replica: ServiceProcess | undefined, key: string, body: Buffer): Promise<void> {
  const headers = { 'X-API-Key': key, 'Content-Type': 'application/x-protobuf' };
  const answer = await fetch(`${replica?.url}/v1/metrics`, { method: 'POST', headers, body: new Uint8Array(body) });
  expect([answer.status, (await answer.arrayBuffer()).byteLength]).toEqual([200, 0]);
}

test('two replicas behind a round-robin tell the same minutes as one that gets all', async () => {
  const api = createApi(replicas[0]?.url ?? '', ADMIN_TOKEN);
  const [one, two] = (await Promise.all([api.newProject({ name: 'by one' }), api.newProject({ name: 'by two' })])) as [
    NewProject,
    NewProject,
  ];
  let turn = 0;
  const now = Date.now();
  for (let atMs = now - 20 * 60_000; atMs <= now; atMs += 15_000) {
    for (const instance of [0, 1, 2]) {
      const body = bodyOf(instance, atMs);
      await push(replicas[0], one.apiKey, body);
      turn += 1;
      await push(replicas[turn % 2], two.apiKey, body);
      // A balancer that retries: the other replica gets it as well.
      if (turn % 7 === 0) await push(replicas[(turn + 1) % 2], two.apiKey, body);
    }
  }
  for (const { id } of [one, two]) {
    await api.operator('PUT', `/projects/${id}/source`, { type: 'otlp' });
    expect((await api.operator('POST', `/projects/${id}/source/test`, {})).status).toBe(200);
  }
  const read = async () =>
    await Promise.all(
      [one, two].flatMap(({ id }) =>
        replicas.map(async ({ url }) => {
          const { body } = await createApi(url, ADMIN_TOKEN).operator('POST', `/projects/${id}/source/test`, {});
          return Object.fromEntries(
            Object.entries(body.numbers as Record<string, { value: number | null; minutes_with_data: number }>).map(
              ([name, { value, minutes_with_data }]) => [
                name,
                [value === null ? null : Number(value.toPrecision(3)), minutes_with_data],
              ],
            ),
          );
        }),
      ),
    );
  // The newest minute goes on while they are asked: until all four answers speak of the same one.
  await until('the same minutes', 60, async () => {
    const [first, ...others] = await read();
    return first?.requests_per_sec?.[0] !== null && others.every((other) => isDeepStrictEqual(other, first));
  });
  const rows = await database.query<{ project_id: string; rows: string }>(
    'select project_id, count(*) as rows from seqpulse.otlp_points group by project_id',
  );
  expect(new Set(rows.map((row) => row.rows)).size).toBe(1);
});
