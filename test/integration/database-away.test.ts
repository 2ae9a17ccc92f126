import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answer, NewProject } from '../../harness/api.ts';
import { type ObservedApp, startObservedApp } from '../../harness/observed-app.ts';
import { until } from '../../harness/until.ts';
import { openBoss } from '../../src/jobs/scheduler.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type DatabaseProxy, startDatabaseProxy } from '../support/database-proxy.ts';
import { expectProblem } from '../support/problem.ts';
import { startTestService, type TestService } from '../support/service.ts';

const closing = new AsyncDisposableStack();
let database: TestDatabase;
let proxy: DatabaseProxy;
let app: ObservedApp;
let running: TestService;
let project: NewProject;
beforeAll(async () => {
  database = closing.use(await createTestDatabase());
  proxy = closing.use(await startDatabaseProxy(database.url));
  app = closing.use(await startObservedApp());
  running = closing.use(await startTestService({ databaseUrl: proxy.url, answerTimeFactor: 1 }));
  project = await running.api.newProject({ name: 'away', endpoint: app.url, envs: ['a', 'b', 'c', 'd'] });
});
afterAll(async () => {
  await proxy.comeBack();
  await closing.disposeAsync();
});

const get = (path: string) => running.api.request('GET', path);

/**
 * There to tell what ends by itself from what waits for the database, which would take half a minute. That it is the two
 * seconds of the contract, and three for a trigger, is shown by the clock of test/health/probe.test.ts and
 * test/db/silence-watch.test.ts: here a machine may do other things beside.
 */
const LIMIT_SECONDS = 20;

async function timed(path: string): Promise<{ answer: Answer; seconds: number }> {
  const startedAt = performance.now();
  const answer = await get(path);
  return { answer, seconds: (performance.now() - startedAt) / 1000 };
}

async function expectRecovery(): Promise<void> {
  await until('the service is ready again', 15, async () => (await get('/readyz')).status === 200);
  await until('its health is ok', 15, async () => (await get('/health')).body.status === 'ok');
  await until('the queue gauges are back', 15, async () =>
    ((await get('/metrics')).body as string).includes('\nseqpulse_scheduler_jobs_pending '),
  );
  await until('CI is served', 15, async () => (await running.api.trigger(project.apiKey, { env: 'x' })).status === 400);
}

/** Every answer that must come in bounded time while the database does not serve. */
async function expectBoundedAnswers(): Promise<void> {
  const [health, scheduler, check, ready, live, metrics] = await Promise.all(
    ['/health', '/health/scheduler', '/db-check', '/readyz', '/livez', '/metrics'].map(timed),
  );
  expect(health?.answer.status).toBe(200);
  expect(health?.answer.body).toMatchObject({
    status: 'degraded',
    checks: { db: false, scheduler_running: true },
    reasons: ['the database does not answer'],
    scheduler: { pending: null, overdue: null, running: null, failed_1h: null },
  });
  expect(scheduler?.answer.status).toBe(200);
  expect(check?.answer).toMatchObject({ status: 503, body: { db_ok: false } });
  expect(ready?.answer.status).toBe(503);
  expect(live?.answer.status).toBe(200);
  expect(metrics?.answer.status).toBe(200);
  for (const probe of [health, scheduler, check, ready]) expect(probe?.seconds).toBeLessThan(LIMIT_SECONDS);
  expect(live?.seconds).toBeLessThan(LIMIT_SECONDS);
  expect(metrics?.seconds).toBeLessThan(LIMIT_SECONDS);
}

test('a database that hangs: health and metrics answer in time and say so, and all is well when it goes on', async () => {
  proxy.hang();
  await expectBoundedAnswers();
  await expectBoundedAnswers();
  await until('the gauges of the queues are left out', 15, async () => {
    return !((await get('/metrics')).body as string).includes('\nseqpulse_scheduler_jobs_pending ');
  });
  await proxy.comeBack();
  await expectRecovery();
});

test('a trigger that meets a hanging database is carried out once when it goes on', async () => {
  proxy.hang();
  const triggered = running.api.trigger(project.apiKey, { env: 'a', idempotency_key: 'through the hang' });
  expect((await get('/livez')).status).toBe(200);
  await proxy.comeBack();
  const answer = await triggered;
  expect(answer.body.status).toBe('created');
  const again = await running.api.trigger(project.apiKey, { env: 'a', idempotency_key: 'through the hang' });
  expect(again.body).toMatchObject({ status: 'existing', deployment_id: answer.body.deployment_id });
  await expectRecovery();
});

test('a database that is gone: every route that needs it answers 503, soon, and nothing is half done', async () => {
  const deployment_id = (await running.api.trigger(project.apiKey, { env: 'b' })).body.deployment_id;
  await proxy.goAway();
  await expectBoundedAnswers();
  const startedAt = performance.now();
  const answers = await Promise.all([
    running.api.trigger(project.apiKey, { env: 'c', idempotency_key: 'k' }),
    running.api.finish(project.apiKey, { deployment_id, result: 'success' }),
    running.api.deployment(project.apiKey, deployment_id),
    running.api.operator('GET', '/projects'),
    running.api.operator('POST', '/projects', { name: 'while away' }),
    running.api.operator('POST', `/projects/${project.id}/api-key`, { keep_old_hours: 0 }),
    running.api.operator('DELETE', `/projects/${project.id}`),
  ]);
  expect((performance.now() - startedAt) / 1000).toBeLessThan(LIMIT_SECONDS);
  for (const answer of answers) {
    expectProblem(answer, 'SERVICE_UNAVAILABLE');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  await proxy.comeBack();
  await expectRecovery();
  expect((await running.api.deployment(project.apiKey, deployment_id)).body.state).toBe('running');
  expect((await running.api.trigger(project.apiKey, { env: 'c', idempotency_key: 'k' })).body.status).toBe('created');
  expect((await running.api.finish(project.apiKey, { deployment_id, result: 'success' })).body.status).toBe('accepted');
  expect(await database.query(`select from seqpulse.projects where name = 'while away'`)).toEqual([]);
});

test('a page that an operator asks for while the database is gone is a page that says so', async () => {
  const { token } = (await running.api.operator('POST', '/operators', { name: 'on call', role: 'viewer' })).body;
  const { url } = running.service;
  const signedIn = await fetch(`${url}/ui/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: { Origin: url },
    body: new URLSearchParams({ token, next: '/' }),
  });
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  expect((await fetch(`${url}/`, { headers: { cookie } })).status).toBe(200);
  await proxy.goAway();
  const answer = await fetch(`${url}/`, { headers: { cookie } });
  expect(answer.status).toBe(503);
  expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
  expect(await answer.text()).toContain('The database does not answer.');
  await proxy.comeBack();
  await expectRecovery();
});

test('connections cut in the middle of 40 triggers: each is answered, and what was created is whole', async () => {
  const { id, apiKey } = await running.api.newProject({
    name: 'cut',
    endpoint: app.url,
    envs: Array.from({ length: 40 }, (_, index) => `env-${index}`),
  });
  const answers = Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      running.api.trigger(apiKey, { env: `env-${index}`, idempotency_key: 'k' }),
    ),
  );
  await until('some are under way', 10, async () => {
    return (await database.query('select from seqpulse.deployments where project_id = $1', [id])).length > 3;
  });
  await proxy.goAway();
  await proxy.comeBack();
  for (const answer of await answers) expect([200, 503]).toContain(answer.status);
  await expectRecovery();
  // Whoever was told 503 tries again with the same key.
  await Promise.all(
    Array.from({ length: 40 }, async (_, index) =>
      until('it is served', 15, async () => {
        const { status } = await running.api.trigger(apiKey, { env: `env-${index}`, idempotency_key: 'k' });
        return status === 200;
      }),
    ),
  );
  const rows = await database.query<{ id: string; number: number }>(
    'select id, number from seqpulse.deployments where project_id = $1 order by number',
    [id],
  );
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  const jobs = await database.query<{ jobs: number }>(
    `select count(*)::int as jobs from pgboss.job where name = 'pre_collect' and data->>'deploymentId' = any($1)
     group by data->>'deploymentId'`,
    [rows.map((row) => row.id)],
  );
  expect(jobs).toEqual(rows.map(() => ({ jobs: 5 })));
});

test('jobs go on after an outage: what came due meanwhile is read', async () => {
  const deployment_id = (await running.api.trigger(project.apiKey, { env: 'd' })).body.deployment_id;
  await proxy.goAway();
  await proxy.comeBack();
  await until('a sample is there', 20, async () => {
    const answer = await running.api.request('GET', `/deployments/${deployment_id}/metrics`, {
      headers: { 'X-API-Key': project.apiKey },
    });
    return answer.status === 200 && answer.body.samples.length > 0;
  });
});

test('after a failover that killed every connection without a word, health is back within seconds', async () => {
  await using second = await startDatabaseProxy(database.url);
  const other = await startTestService({ databaseUrl: second.url, answerTimeFactor: 1 });
  const checks = async () => await other.api.request('GET', '/db-check');
  await Promise.all([checks(), other.api.request('GET', '/health')]);
  second.hang();
  second.failOver();
  const startedAt = performance.now();
  await until('health sees the new database', 20, async () => (await checks()).status === 200);
  expect((performance.now() - startedAt) / 1000).toBeLessThan(LIMIT_SECONDS);
  await second.goAway();
  await other[Symbol.asyncDispose]();
});

test('a fetch over a connection that died without a word ends, so that its loop can fetch again', async () => {
  await using second = await startDatabaseProxy(database.url);
  const boss = await openBoss({ connectionString: second.url, log: pino({ level: 'silent' }), queryTimeoutMs: 500 });
  second.hang();
  await expect(boss.fetch('pre_collect')).rejects.toThrow(/timeout/);
  await second.comeBack();
  await until('it fetches again', 10, async () =>
    boss.fetch('pre_collect').then(
      () => true,
      () => false,
    ),
  );
  await boss.stop({ graceful: false });
});

test('an outage fills the log with neither secrets nor a line for every poll', async () => {
  await expectRecovery();
  await proxy.goAway();
  const from = running.logged.length;
  const startedAt = performance.now();
  await until('two seconds of it', 10, () => performance.now() - startedAt > 2_000);
  const lines = running.logged.slice(from).filter((line) => Number(line.level) >= 40);
  await proxy.comeBack();
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.length).toBeLessThan(40);
  expect(lines.filter((line) => line.event === 'fetch_failed').length).toBeLessThanOrEqual(3);
  await until('the end of it is told too', 10, () =>
    running.logged.slice(from).some((line) => line.event === 'fetch_recovered'),
  );
  const text = JSON.stringify(running.logged);
  expect(text).not.toContain(project.apiKey);
  expect(text).not.toContain(new URL(database.url).password || 'postgres:');
});
