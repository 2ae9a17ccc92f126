import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NewProject } from '../../harness/api.ts';
import { fieldNames } from '../../src/http/known-query.ts';
import { ROUTES } from '../../src/http/routes.ts';
import { expectProblem } from '../support/problem.ts';
import { openStage, type Stage } from '../support/stage.ts';

let stage: Stage;
let project: NewProject;
let deploymentId: string;
let notificationId: string;
beforeAll(async () => {
  stage = await openStage();
  project = await stage.api.newProject({ name: 'known names', endpoint: stage.app.url });
  deploymentId = (await stage.api.trigger(project.apiKey, { env: 'prod' })).body.deployment_id;
  const notification = { type: 'webhook', url: stage.app.url };
  notificationId = (await stage.api.operator('POST', `/projects/${project.id}/notifications`, notification)).body.id;
});
afterAll(async () => await stage[Symbol.asyncDispose]());

const pathOf = (template: string) =>
  template
    .replace('{id}', template.startsWith('/projects') ? project.id : deploymentId)
    .replace('{notification_id}', notificationId);
const faultsOf = (body: { errors: { path: string; message: string }[] }) => body.errors;
const read = async (path: string) => await stage.api.operator('GET', path);

const GUARDED = ROUTES.filter(({ method, path }) => method === 'GET' && /^\/(deployments|projects)/.test(path));
const OPEN = ROUTES.filter(({ method, access }) => method === 'GET' && access === 'open');

test.each(GUARDED.map((route) => [route.path, route] as const))(
  'GET %s refuses what it does not know, by name',
  async (path, route) => {
    const known = route.query === undefined ? [] : fieldNames(route.query);
    const answer = await read(`${pathOf(path)}?limt=5&limit%20=5`);
    expectProblem(answer, 'VALIDATION_FAILED');
    expect(faultsOf(answer.body).map((fault) => fault.path)).toEqual(['query.limt', 'query.limit ']);
    for (const { message } of faultsOf(answer.body)) {
      if (known.length === 0) expect(message).toMatch(/takes none/);
      for (const name of known) expect(message).toContain(name);
    }
    expect((await read(pathOf(path))).status).toBe(200);
  },
);

test.each(OPEN.map(({ path }) => [path]))('GET %s passes over what it does not know', async (path) => {
  const answer = await stage.api.request('GET', `${path}?source=probe&x`);
  expect(answer.status).toBe(200);
});

test('a wrong key wins over a wrong parameter', async () => {
  expectProblem(await stage.api.request('GET', '/deployments?x=1'), 'UNAUTHORIZED');
});

test('names of any kind are said back, cut', async () => {
  const answer = await read(`/deployments?__proto__=1&constructor=2&=3&${'x'.repeat(3_000)}=4&verdict%5B%5D=ok`);
  expectProblem(answer, 'VALIDATION_FAILED');
  const paths = faultsOf(answer.body).map((fault) => fault.path);
  expect(paths).toEqual([
    'query.__proto__',
    'query.constructor',
    'query.',
    `query.${'x'.repeat(60)}`,
    'query.verdict[]',
  ]);
});

test('?verdict= shows the deployments of that verdict alone, page by page', async () => {
  const verdicts = ['ok', 'attention', 'ok', 'rollback_recommended', 'insufficient_data', 'ok'];
  await stage.database.query(
    `with d as (
       insert into seqpulse.deployments (id, project_id, env, number, state, metrics_endpoint, started_at, finish_deadline_at,
         pre_expected)
       select gen_random_uuid(), $1, 'prod', 100 + n, 'analyzed', 'http://a.example/', to_timestamp(n), to_timestamp(n), 0
       from generate_series(1, $3::integer) n returning id, number)
     insert into seqpulse.verdicts (project_id, deployment_id, verdict, confidence, summary, details, created_at)
     select $1, id, ($2::text[])[number - 100], 0.5, '', '[]', now() from d`,
    [project.id, verdicts, verdicts.length],
  );
  const numbers = async (query: string) => {
    const { body } = await read(`/deployments?${query}`);
    return { numbers: body.items.map((item: { number: number }) => item.number), next: body.next_cursor };
  };
  expect((await numbers('verdict=attention')).numbers).toEqual([102]);
  expect((await numbers(`verdict=insufficient_data&project_id=${project.id}&env=prod`)).numbers).toEqual([105]);
  const first = await numbers('verdict=ok&limit=2');
  expect(first.numbers).toEqual([106, 103]);
  expect(await numbers(`verdict=ok&limit=2&cursor=${first.next}`)).toEqual({ numbers: [101], next: null });
  expect((await numbers('verdict=')).numbers).toHaveLength(verdicts.length + 1);
});

test.each(['OK', 'running', 'ok,attention', 'ok&verdict=ok'])('?verdict=%s is refused', async (value) => {
  const answer = await read(`/deployments?verdict=${value}`);
  expectProblem(answer, 'VALIDATION_FAILED');
  expect(faultsOf(answer.body)).toEqual([
    { path: 'query.verdict', message: 'must be one of ok, attention, rollback_recommended, insufficient_data' },
  ]);
});

const patch = async (body: object) => await stage.api.operator('PATCH', `/projects/${project.id}`, body);

test('what GET showed may be sent back as it was', async () => {
  const shown = (await read(`/projects/${project.id}`)).body;
  const answer = await patch(shown);
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({ ...shown, limits_set: Object.keys(shown.limits) });
});

test.each([
  ['id', '00000000-0000-4000-8000-000000000000', 'stays as it is'],
  ['created_at', '2026-05-04T10:00:00.000Z', 'stays as it is'],
  ['endpoints', [], 'PUT /projects/{id}/endpoint'],
  ['hmac_enabled', true, 'POST and DELETE /projects/{id}/hmac'],
  ['limits_set', null, 'follows from limits'],
  ['feedback', {}, 'said of the verdicts'],
])(
  'PATCH can’t change %s, and says where that is done; nothing else of that body is changed',
  async (field, value, where) => {
    const answer = await patch({ [field]: value, name: 'another name' });
    expectProblem(answer, 'VALIDATION_FAILED');
    expect(faultsOf(answer.body)).toEqual([{ path: field, message: expect.stringContaining(where) }]);
    expect((await read(`/projects/${project.id}`)).body.name).toBe('known names');
  },
);

test('fields that nobody knows are passed over', async () => {
  const answer = await patch({ colour: 'blue', toString: 1, finish_deadline_minutes: 60 });
  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({ finish_deadline_minutes: 60 });
  expect(answer.body).not.toHaveProperty('colour');
});
