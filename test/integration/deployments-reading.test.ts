import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answer, NewProject } from '../../harness/api.ts';
import { expectProblem } from '../support/problem.ts';
import { openStage, type Stage } from '../support/stage.ts';

let stage: Stage;
let mine: NewProject;
let other: NewProject;
beforeAll(async () => {
  stage = await openStage();
  mine = await stage.api.newProject({ name: 'mine', endpoint: stage.app.url, envs: ['prod', 'staging'] });
  other = await stage.api.newProject({ name: 'other', endpoint: stage.app.url });
  // Three of them started in the same millisecond: only the id tells them apart.
  await insert(mine, 1, 'prod', 1_000);
  await insert(mine, 2, 'prod', 2_000);
  await insert(mine, 3, 'staging', 2_000);
  await insert(mine, 4, 'prod', 2_000);
  await insert(mine, 5, 'prod', 3_000);
  await insert(other, 1, 'prod', 2_500);
});
afterAll(async () => await stage[Symbol.asyncDispose]());

async function insert(project: NewProject, number: number, env: string, atMs: number): Promise<void> {
  await stage.database.query(
    `insert into seqpulse.deployments (id, project_id, env, number, state, metrics_endpoint, started_at,
       finish_deadline_at, pre_expected)
     values ($1, $2, $3, $4, 'analyzed', 'http://x.example', $5, $5, 5)`,
    [randomUUID(), project.id, env, number, new Date(atMs)],
  );
}

const list = async (apiKey: string, query = ''): Promise<Answer> =>
  await stage.api.request('GET', `/deployments${query}`, { headers: { 'X-API-Key': apiKey } });

async function readAllPages(query: string, between: () => Promise<void> = async () => {}): Promise<number[]> {
  const numbers: number[] = [];
  let cursor = '';
  for (;;) {
    const { body } = await list(mine.apiKey, `?${query}${cursor}`);
    numbers.push(...body.items.map((item: { number: number }) => item.number));
    if (body.next_cursor === null) return numbers;
    cursor = `&cursor=${body.next_cursor}`;
    await between();
  }
}

test('a list is newest first, with its items in the contract’s shape and a null cursor at its end', async () => {
  const { body } = await list(mine.apiKey);
  expect(Object.keys(body)).toEqual(['items', 'next_cursor']);
  expect(body.next_cursor).toBeNull();
  expect(body.items.map((item: { number: number }) => item.number).at(0)).toBe(5);
  expect(body.items.map((item: { number: number }) => item.number).at(-1)).toBe(1);
  expect(body.items).toHaveLength(5);
  expect(body.items[0]).toEqual({
    id: expect.any(String),
    number: 5,
    project: 'mine',
    env: 'prod',
    idempotency_key: null,
    origin: 'ci',
    branch: null,
    version: null,
    commit_sha: null,
    commit_time: null,
    build_url: null,
    actor: null,
    service: null,
    state: 'analyzed',
    pipeline_result: null,
    pipeline_outcome: null,
    started_at: '1970-01-01T00:00:03.000Z',
    finished_at: null,
    analyzed_at: null,
    superseded_by: null,
    observed_until: null,
    verdict_due_at: null,
    samples: { before: { expected: 5, collected: 0 }, after: { expected: 5, collected: 0 } },
    baseline: { source: 'at_trigger', from: null, until: null, samples: 0, good_since: null, note: null },
    failed_reads: { tries: 0, last: null },
    limits: null,
    instances: null,
    traffic_share: null,
    verdict: null,
    preliminary: null,
    late_checks: [],
    feedback: null,
    html_url: null,
  });
});

test.each([1, 2, 3, 4, 5, 200])(
  'pages of %i hold every deployment once, also those of one millisecond',
  async (limit) => {
    const numbers = await readAllPages(`limit=${limit}`);
    expect(numbers).toHaveLength(5);
    expect(new Set(numbers)).toEqual(new Set([1, 2, 3, 4, 5]));
    expect([numbers[0], numbers[4]]).toEqual([5, 1]);
  },
);

test('a full last page has no next one', async () => {
  expect((await list(mine.apiKey, '?limit=5')).body.next_cursor).toBeNull();
  expect((await list(mine.apiKey, '?limit=4')).body.next_cursor).not.toBeNull();
});

test('what is inserted between two pages neither repeats nor hides an item', async () => {
  let number = 100;
  const numbers = await readAllPages('limit=2', async () => {
    number += 1;
    await insert(mine, number, 'prod', 10_000 + number);
  });
  expect(numbers).toHaveLength(5);
  expect(new Set(numbers)).toEqual(new Set([1, 2, 3, 4, 5]));
  await stage.database.query('delete from seqpulse.deployments where number > 100');
});

test('env filters, an env that nobody has is an empty list', async () => {
  expect((await list(mine.apiKey, '?env=staging')).body.items.map((item: { number: number }) => item.number)).toEqual([
    3,
  ]);
  expect((await list(mine.apiKey, '?env=nowhere')).body).toEqual({ items: [], next_cursor: null });
  expect(await readAllPages('env=prod&limit=1')).toHaveLength(4);
});

test('a key sees its own project only, whatever it asks for', async () => {
  const theirs = (await list(other.apiKey)).body.items[0].id;
  expect((await list(mine.apiKey, `?project_id=${other.id}`)).body.items).toHaveLength(5);
  for (const path of [`/deployments/${theirs}`, `/deployments/${theirs}/metrics`]) {
    expectProblem(await stage.api.request('GET', path, { headers: { 'X-API-Key': mine.apiKey } }), 'NOT_FOUND');
    expect((await stage.api.operator('GET', path)).status).toBe(200);
  }
  // A cursor of another project’s list opens nothing of it.
  const cursor = (await stage.api.operator('GET', '/deployments?limit=1')).body.next_cursor;
  for (const item of (await list(mine.apiKey, `?cursor=${cursor}`)).body.items) expect(item.project).toBe('mine');
});

test('an operator sees all projects, or the one asked for', async () => {
  expect((await stage.api.operator('GET', '/deployments')).body.items).toHaveLength(6);
  const { body } = await stage.api.operator('GET', `/deployments?project_id=${other.id}`);
  expect(body.items.map((item: { project: string }) => item.project)).toEqual(['other']);
  expect((await stage.api.operator('GET', `/deployments?project_id=${randomUUID()}`)).body.items).toEqual([]);
});

test.each(['0', '201', '-1', '1.5', '1e2', 'ten', '%00', '99999999999', '0x10', '+5', '5&limit=6'])(
  'limit=%s has a fault',
  async (limit) => {
    const answer = await list(mine.apiKey, `?limit=${limit}`);
    expectProblem(answer, 'VALIDATION_FAILED');
    expect(answer.body.errors[0].path).toMatch(/^query\.limit/);
    expectProblem(await stage.api.operator('GET', `/projects?limit=${limit}`), 'VALIDATION_FAILED');
  },
);

test('limits of 1 and 200 are taken, 50 is the default', async () => {
  expect((await list(mine.apiKey, '?limit=1')).body.items).toHaveLength(1);
  expect((await list(mine.apiKey, '?limit=200')).status).toBe(200);
  const { id, apiKey } = await stage.api.newProject({ name: 'many' });
  for (let number = 1; number <= 51; number += 1) await insert({ id, apiKey }, number, 'prod', number);
  const { body } = await list(apiKey);
  expect(body.items).toHaveLength(50);
  expect(body.next_cursor).not.toBeNull();
  await stage.api.operator('DELETE', `/projects/${id}`);
});

const encode = (text: string) => Buffer.from(text).toString('base64url');
const ID = '00000000-0000-4000-8000-000000000000';
test.each([
  ['nonsense', 'nonsense'],
  ['U+0000', '%00'],
  ['not base64', '!!!!'],
  ['blank inside', encode(' ')],
  ['without an id', encode('1000')],
  ['with a wrong id', encode('1000 abc')],
  ['with more behind', encode(`1000 ${ID} x`)],
  ['with a time that is no number', encode(`soon ${ID}`)],
  ['with a time beyond every calendar', encode(`9${'9'.repeat(17)} ${ID}`)],
  ['with a time before PostgreSQL’s', encode(`-999999999999999 ${ID}`)],
  ['with SQL', encode(`1000 ${ID}' or 1=1`)],
  ['very long', 'A'.repeat(3_000)],
])('a cursor that is %s has a fault', async (_, cursor) => {
  const answer = await list(mine.apiKey, `?cursor=${cursor}`);
  expectProblem(answer, 'VALIDATION_FAILED');
  expect(answer.body.errors[0].path).toBe('query.cursor');
  expectProblem(await stage.api.operator('GET', `/projects?cursor=${cursor}`), 'VALIDATION_FAILED');
});

test('a cursor of the last time that it can hold is an empty or a whole list, no error', async () => {
  expect((await list(mine.apiKey, `?cursor=${encode(`999999999999999 ${ID}`)}`)).body.items).toHaveLength(5);
  expect((await list(mine.apiKey, `?cursor=${encode(`0 ${ID}`)}`)).body.items).toEqual([]);
});

test.each([
  ['env=%00', 'query.env'],
  [`env=${'e'.repeat(65)}`, 'query.env'],
  ['env=a&env=b', 'query.env'],
  ['project_id=12', 'query.project_id'],
])('?%s has a fault', async (query, path) => {
  const answer = await list(mine.apiKey, `?${query}`);
  expectProblem(answer, 'VALIDATION_FAILED');
  expect(answer.body.errors[0].path).toBe(path);
});

test('samples come oldest first, before and after, in the contract’s shape', async () => {
  const id = (await list(mine.apiKey, '?limit=1')).body.items[0].id;
  const insertSample = async (phase: string, sequence: number, atMs: number) =>
    await stage.database.query(
      `insert into seqpulse.samples (project_id, deployment_id, phase, sequence, due_at, collected_at, requests_per_sec, latency_p95, error_rate, cpu_usage, memory_usage)
       values ($5, $1, $2, $3, $4, $4, 12.4, 182, 0.004, 0.31, 0.52)`,
      [id, phase, sequence, new Date(atMs), mine.id],
    );
  await insertSample('post', 1, 9_000);
  await insertSample('pre', 1, 2_000);
  await insertSample('post', 0, 5_000);
  await insertSample('pre', 0, 1_000);
  const { body } = await stage.api.request('GET', `/deployments/${id}/metrics`, {
    headers: { 'X-API-Key': mine.apiKey },
  });
  expect(Object.keys(body)).toEqual(['samples']);
  expect(body.samples.map((sample: { phase: string }) => sample.phase)).toEqual(['pre', 'pre', 'post', 'post']);
  expect(body.samples[0]).toEqual({
    phase: 'pre',
    collected_at: '1970-01-01T00:00:01.000Z',
    requests_per_sec: 12.4,
    latency_p95: 182,
    error_rate: 0.004,
    cpu_usage: 0.31,
    memory_usage: 0.52,
  });
});

test('a deployment without samples has an empty list of them', async () => {
  const id = (await list(mine.apiKey, '?env=staging')).body.items[0].id;
  const headers = { 'X-API-Key': mine.apiKey };
  expect((await stage.api.request('GET', `/deployments/${id}/metrics`, { headers })).body).toEqual({ samples: [] });
});

test('an id in capital letters is the same id', async () => {
  const id: string = (await list(mine.apiKey, '?limit=1')).body.items[0].id;
  expect((await stage.api.deployment(mine.apiKey, id.toUpperCase())).body.id).toBe(id);
});
