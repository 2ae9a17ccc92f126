import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
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
const nextName = () => {
  serial += 1;
  return `project ${serial}`;
};
async function create(more: object = {}) {
  const answer = await operator('POST', '/projects', { name: nextName(), ...more });
  expect(answer.status).toBe(201);
  return answer.body;
}
const faultPaths = (body: { errors: { path: string }[] }) => body.errors.map((fault) => fault.path);

test('a project is created with its defaults, and its key is shown this once', async () => {
  const project = await create();
  expect(project).toEqual({
    id: expect.any(String),
    name: `project ${serial}`,
    envs: ['prod'],
    metrics_endpoint: null,
    endpoints: [],
    observation_window_minutes: 5,
    finish_deadline_minutes: 120,
    baseline: 'continuous',
    hmac_enabled: false,
    limits: expect.objectContaining({ latency_p95_growth: 0.35 }),
    limits_set: [],
    created_at: expect.stringMatching(/Z$/),
    feedback: expect.objectContaining({ given: 0, correct: 0, precision: null }),
    proposed_limits: [],
    api_key: expect.stringMatching(/^SP_[0-9a-f]{32}$/),
  });
  const { api_key, ...shown } = project;
  expect((await operator('GET', `/projects/${project.id}`)).body).toEqual(shown);
  expect(JSON.stringify((await operator('GET', '/projects')).body)).not.toContain(api_key);
});

test('metrics_endpoint given at creation is tested at once and active', async () => {
  const project = await create({ metrics_endpoint: `${stage.app.url}#top` });
  expect(project.metrics_endpoint).toBe(stage.app.url);
  expect(project.endpoints).toEqual([
    {
      env: null,
      candidate_url: null,
      active_url: stage.app.url,
      last_tested_at: expect.stringMatching(/Z$/),
      last_test_error: null,
    },
  ]);
});

test('one that fails its test stays a candidate, and the project is there all the same', async () => {
  stage.app.behaviour = (response) => response.writeHead(503).end();
  const project = await create({ metrics_endpoint: stage.app.url });
  expect(project.metrics_endpoint).toBeNull();
  expect(project.endpoints[0]).toMatchObject({ active_url: null, candidate_url: stage.app.url });
  expect(project.endpoints[0].last_test_error).toContain('503');
  expectProblem(await stage.api.trigger(project.api_key, { env: 'prod' }), 'PROJECT_ENDPOINT_BLOCKED');
});

test.each([
  ['no name', {}, ['name']],
  ['a blank name', { name: ' ' }, ['name']],
  ['a name of 121 characters', { name: 'n'.repeat(121) }, ['name']],
  ['a name with U+0000', { name: 'a\u0000' }, ['name']],
  ['a name with a lone surrogate', { name: '\ud83d' }, ['name']],
  ['no envs', { name: 'x', envs: [] }, ['envs']],
  ['an env twice', { name: 'x', envs: ['a', 'a'] }, ['envs']],
  ['an empty env', { name: 'x', envs: ['a', ''] }, ['envs.1']],
  ['an env of 65 characters', { name: 'x', envs: ['e'.repeat(65)] }, ['envs.0']],
  ['a window of 10 minutes', { name: 'x', observation_window_minutes: 10 }, ['observation_window_minutes']],
  ['a window as text', { name: 'x', observation_window_minutes: '5' }, ['observation_window_minutes']],
  ['a deadline of 0', { name: 'x', finish_deadline_minutes: 0 }, ['finish_deadline_minutes']],
  ['a deadline beyond int4', { name: 'x', finish_deadline_minutes: 2 ** 31 }, ['finish_deadline_minutes']],
  ['a deadline of 1e308', { name: 'x', finish_deadline_minutes: 1e308 }, ['finish_deadline_minutes']],
  ['a deadline of 1.5', { name: 'x', finish_deadline_minutes: 1.5 }, ['finish_deadline_minutes']],
  ['a wrong endpoint', { name: 'x', metrics_endpoint: 'metrics' }, ['metrics_endpoint']],
  ['credentials in the URL', { name: 'x', metrics_endpoint: 'http://user:secret@a.example/m' }, ['metrics_endpoint']],
  ['several faults', { name: '', envs: 1, finish_deadline_minutes: 'x' }, ['name', 'envs', 'finish_deadline_minutes']],
])('creation with %s names the fault', async (_, body, paths) => {
  const answer = await operator('POST', '/projects', body);
  expectProblem(answer, 'VALIDATION_FAILED');
  expect([...new Set(faultPaths(answer.body))]).toEqual(paths);
  expect(JSON.stringify(answer.body)).not.toContain('secret@');
});

test('the limits themselves are taken', async () => {
  const project = await create({
    name: 'n'.repeat(120),
    envs: ['e'.repeat(64), 'ü b'],
    observation_window_minutes: 30,
    finish_deadline_minutes: 20_160,
  });
  expect(project.envs).toHaveLength(2);
  expect((await create({ finish_deadline_minutes: 1, observation_window_minutes: 15 })).finish_deadline_minutes).toBe(
    1,
  );
});

test('names are unique, also when changed', async () => {
  const first = await create();
  const second = await create();
  expectProblem(await operator('POST', '/projects', { name: first.name }), 'PROJECT_NAME_TAKEN');
  expectProblem(await operator('PATCH', `/projects/${second.id}`, { name: first.name }), 'PROJECT_NAME_TAKEN');
  expect((await operator('PATCH', `/projects/${first.id}`, { name: first.name })).status).toBe(200);
  await operator('DELETE', `/projects/${first.id}`);
  expect((await operator('PATCH', `/projects/${second.id}`, { name: first.name })).body.name).toBe(first.name);
});

test('20 projects renamed to one name at the same moment: one gets it, the others are told', async () => {
  const projects = await Promise.all(Array.from({ length: 20 }, () => create()));
  const answers = await Promise.all(
    projects.map(({ id }) => operator('PATCH', `/projects/${id}`, { name: 'the name' })),
  );
  expect(answers.map((answer) => answer.status).sort()).toEqual([200, ...Array(19).fill(409)]);
});

test('PATCH changes what it names and nothing else', async () => {
  const { api_key: _, ...project } = await create({ envs: ['a', 'b'] });
  const path = `/projects/${project.id}`;
  expect((await operator('PATCH', path, {})).body).toEqual(project);
  const changed = await operator('PATCH', path, { envs: ['b', 'c'], observation_window_minutes: 15 });
  expect(changed.body).toEqual({ ...project, envs: ['b', 'c'], observation_window_minutes: 15 });
  expect((await operator('GET', path)).body).toEqual(changed.body);
  for (const body of [{ envs: [] }, { name: '' }, { finish_deadline_minutes: -1 }, { observation_window_minutes: 6 }]) {
    expectProblem(await operator('PATCH', path, body), 'VALIDATION_FAILED');
  }
  expect((await operator('GET', path)).body).toEqual(changed.body);
});

test('DELETE answers 204 without a body, once', async () => {
  const { id } = await create();
  const answer = await operator('DELETE', `/projects/${id}`);
  expect(answer.status).toBe(204);
  expect(answer.body).toBe('');
  expectProblem(await operator('DELETE', `/projects/${id}`), 'NOT_FOUND');
  expectProblem(await operator('GET', `/projects/${id}`), 'NOT_FOUND');
});

test('projects are listed newest first, page by page, each once', async () => {
  await Promise.all(Array.from({ length: 5 }, () => create()));
  const all = (await operator('GET', '/projects?limit=200')).body.items.map((item: { id: string }) => item.id);
  const paged: string[] = [];
  let cursor = '';
  do {
    const { body } = await operator('GET', `/projects?limit=2${cursor}`);
    paged.push(...body.items.map((item: { id: string }) => item.id));
    cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`;
  } while (cursor !== '');
  expect(paged).toEqual(all);
  const times = (await operator('GET', '/projects')).body.items.map((item: { created_at: string }) => item.created_at);
  expect(times).toEqual([...times].sort().reverse());
});

test('the HMAC secret is shown once, and the project says that it is on', async () => {
  const { id } = await create();
  const answer = await operator('POST', `/projects/${id}/hmac`);
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({ hmac_secret: expect.stringMatching(/^spm_[0-9a-f]{64}$/) });
  const project = await operator('GET', `/projects/${id}`);
  expect(project.body.hmac_enabled).toBe(true);
  expect(JSON.stringify(project.body)).not.toContain('spm_');
  expect((await operator('DELETE', `/projects/${id}/hmac`)).status).toBe(204);
  expect((await operator('DELETE', `/projects/${id}/hmac`)).status).toBe(204);
  expect((await operator('GET', `/projects/${id}`)).body.hmac_enabled).toBe(false);
});

test('routes whose fields are all optional need no body', async () => {
  const { id } = await create({ metrics_endpoint: stage.app.url });
  expect((await operator('POST', `/projects/${id}/api-key`)).status).toBe(200);
  expect((await operator('POST', `/projects/${id}/endpoint/test`)).status).toBe(200);
  expect((await operator('PATCH', `/projects/${id}`)).status).toBe(200);
});
