import { expect, test } from 'vitest';
import { BROKEN, HEALTHY } from '../../harness/observed-app.ts';
import { createDescribedAnswers } from '../support/described-answers.ts';
import { useClockedStage } from '../support/fixtures.ts';
import { fillRing } from '../support/ring.ts';

const stage = useClockedStage();
const described = createDescribedAnswers();

type Fields = Readonly<Record<string, string>>;

/** Sends what the table calls `route`, and holds the answer against its description. */
async function call(route: string, ids: Fields = {}, more: { body?: object; query?: string; key?: string } = {}) {
  const [method = '', template = ''] = route.split(' ');
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? '') + (more.query ?? '');
  const { body, key } = more;
  const answer =
    key === undefined
      ? await stage.api.operator(method, path, body)
      : await stage.api.request(method, path, { headers: { 'X-API-Key': key }, ...(body && { body }) });
  described.check(route, answer);
  return answer;
}

test('every answer of a deployment’s life, good, bad and refused, is as described; all routes are met', async () => {
  const created = await call('POST /projects', {}, { body: { name: 'life', metrics_endpoint: stage.app.url } });
  const id: string = created.body.id;
  const key: string = created.body.api_key;
  const project = { id };
  await call('GET /project', {}, { key });
  await call('POST /v1/metrics', {}, { key, body: { resourceMetrics: [] } });
  await fillRing(stage.running, { projectId: id, url: stage.app.url, fromMs: stage.clock.now(), count: 30 });
  await stage.clock.setTime(stage.clock.now() + 30 * 60_000);

  for (const metrics of [HEALTHY, BROKEN, HEALTHY]) {
    const body = {
      env: 'prod',
      version: '2.4.1',
      commit_time: '2026-05-04T10:00:00+02:00',
      build_url: 'https://ci.example/1',
    };
    const { deployment_id } = (await call('POST /deployments/trigger', {}, { key, body })).body;
    const deployment = { id: deployment_id as string };
    await call('POST /deployments/trigger', {}, { key, body });
    await call('GET /deployments/{id}', deployment, { key });
    await call('POST /deployments/{id}/rejudge', deployment, { key, body: {} });
    await stage.pass(40);
    stage.app.metrics = metrics;
    const finish = { deployment_id, result: 'failure', instances: { before: 2, after: 2 }, traffic_share: 1 };
    await call('POST /deployments/finish', {}, { key, body: finish });
    await call('POST /deployments/finish', {}, { key, body: finish });
    await call('GET /deployments/{id}', deployment, { key, query: '?wait=0' });
    stage.app.behaviour = (response) => void response.writeHead(500).end();
    await stage.pass(5);
    stage.app.behaviour = null;
    await stage.pass(900);
    const { verdict } = (await call('GET /deployments/{id}', deployment, { key })).body;
    expect(verdict.verdict).toBe(metrics === BROKEN ? 'rollback_recommended' : 'ok');
    await call('GET /deployments/{id}/metrics', deployment, { key });
    await call('POST /deployments/{id}/rejudge', deployment, { key, body: { limits: { error_rate_rise: 0.5 } } });
    await call('POST /deployments/{id}/feedback', deployment, { key, body: { correct: true, note: 'seen' } });
    await call('GET /deployments/{id}', deployment, { key });
    stage.app.metrics = HEALTHY;
  }
  await call('GET /deployments', {}, { key, query: '?limit=2&verdict=ok' });
  const full = (await call('GET /deployments', {}, { key })).body;
  const summary = (await call('GET /deployments', {}, { key, query: '?view=summary' })).body;
  expect(summary.items).toHaveLength(full.items.length);
  for (const [place, item] of summary.items.entries()) {
    const { verdict, confidence, headline } = full.items[place].verdict;
    const facts = Object.fromEntries(Object.keys(item).map((key) => [key, full.items[place][key]]));
    expect(item).toEqual({ ...facts, verdict: { verdict, confidence, headline } });
  }
  expect(JSON.stringify(full).length / JSON.stringify(summary).length).toBeGreaterThan(5);
  await call('GET /project', {}, { key });

  await call('GET /projects', {}, { query: '?limit=1' });
  await call('GET /projects/{id}', project);
  await call('PATCH /projects/{id}', project, { body: { limits: { latency_p95_growth: 0.5 } } });
  await call('PUT /projects/{id}/endpoint', project, { body: { url: stage.app.url } });
  await call('POST /projects/{id}/endpoint/test', project, { body: {} });
  await call('GET /projects/{id}/source', project);
  await call('PUT /projects/{id}/source', project, { body: { type: 'pull', url: stage.app.url } });
  await call('POST /projects/{id}/source/test', project, { body: {} });
  const prometheus = {
    type: 'prometheus',
    url: stage.app.url,
    selector: 'job="a"',
    auth: { type: 'bearer', token: 't' },
  };
  await call('PUT /projects/{id}/source', project, { body: prometheus });
  expect((await call('POST /projects/{id}/source/test', project, { body: {} })).status).toBe(422);
  await call('GET /projects/{id}/feedback', project, { key });
  await call('GET /projects/{id}/aa-check', project, { key });
  await call('GET /projects/{id}/dora', project);
  await call('GET /dora');
  await call('POST /projects/{id}/api-key', project, { body: {} });
  await call('POST /projects/{id}/hmac', project, { body: {} });
  await call('DELETE /projects/{id}/hmac', project);
  const operator = { id: (await call('POST /operators', {}, { body: { name: 'somebody' } })).body.id as string };
  await call('GET /operators');
  await call('PATCH /operators/{id}', operator, { body: { role: 'admin' } });
  await call('POST /operators/{id}/token', operator);
  await call('DELETE /operators/{id}', operator);
  await call('POST /erasures', {}, { body: { actor: 'nobody' } });
  await call('GET /audit', {}, { query: '?limit=200' });
  for (const path of ['/projects/{id}/notifications', '/notifications']) {
    const hook = { body: { type: 'webhook', url: stage.app.url } };
    const of = { ...project, notification_id: (await call(`POST ${path}`, project, hook)).body.id as string };
    await call(`GET ${path}`, of);
    await call(`PATCH ${path}/{notification_id}`, of, { body: { envs: ['prod'] } });
    await call(`POST ${path}/{notification_id}/secret`, of, { body: {} });
    await call(`POST ${path}/{notification_id}/test`, of);
    await call(`GET ${path}/{notification_id}/deliveries`, of);
    await call(`DELETE ${path}/{notification_id}`, of);
  }
  for (const open of ['/health', '/health/scheduler', '/db-check', '/livez', '/readyz', '/metrics', '/openapi.json']) {
    await call(`GET ${open}`);
  }
  await call('DELETE /projects/{id}', project);
  expect(described.unmet).toEqual([]);
});

test('refusals are as described: no key, no such thing, faults, a name taken, nothing to test', async () => {
  const { id, apiKey: key } = await stage.api.newProject({ name: 'refused', envs: ['prod', 'x'] });
  const nobody = { id: '00000000-0000-4000-8000-000000000000' };
  const answers = [
    await call('GET /project', {}, { key: 'no' }),
    await call('GET /projects/{id}', nobody),
    await call('GET /deployments/{id}', { id: 'no-uuid' }, { key }),
    await call('GET /deployments', {}, { key, query: '?limit=0&nothing=1' }),
    await call('GET /deployments', {}, { key, query: '?view=short' }),
    await call('POST /deployments/trigger', {}, { key, body: { env: 'nowhere' } }),
    await call('POST /deployments/trigger', {}, { key, body: { env: 'prod' } }),
    await call('POST /deployments/trigger', {}, { key, body: { env: '' } }),
    await call('POST /projects', {}, { body: { name: 'refused' } }),
    await call('POST /projects/{id}/endpoint/test', { id }, { body: {} }),
    await call('POST /projects/{id}/source/test', { id }, { body: { env: 'x' } }),
    await call('PATCH /projects/{id}', { id }, { body: { id: 'another' } }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([401, 404, 404, 422, 422, 400, 423, 422, 409, 409, 409, 422]);
});
