import { afterAll, beforeAll, expect, test } from 'vitest';
import { BROKEN, HEALTHY, type ObservedApp, startObservedApp } from '../../harness/observed-app.ts';
import { runUntil, START_TIME, TestClock } from '../support/clock.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startTestService, type TestService } from '../support/service.ts';

const clock = new TestClock(START_TIME);
let database: TestDatabase;
let app: ObservedApp;
let running: TestService;

beforeAll(async () => {
  database = await createTestDatabase();
  app = await startObservedApp();
  running = await startTestService({ databaseUrl: database.url, clock });
});
afterAll(async () => {
  await running[Symbol.asyncDispose]();
  await app[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

async function deploy(name: string, after: typeof HEALTHY) {
  const { api } = running;
  const project = await api.newProject({ name, endpoint: app.url });
  app.metrics = HEALTHY;
  const triggered = await api.trigger(project.apiKey, { env: 'prod', branch: 'main' });
  expect(triggered.body).toEqual({ deployment_id: expect.any(String), status: 'created', message: null });
  const id = triggered.body.deployment_id;
  await runUntil(clock, running, database, clock.now() + 60_000);
  app.metrics = after;
  const finished = await api.finish(project.apiKey, { deployment_id: id, result: 'success' });
  expect(finished.body.status).toBe('accepted');
  await runUntil(clock, running, database, clock.now() + 301_000);
  return (await api.deployment(project.apiKey, id)).body;
}

test('a healthy deployment goes from trigger to an ok verdict', async () => {
  const deployment = await deploy('healthy', HEALTHY);
  expect(deployment).toMatchObject({ number: 1, state: 'analyzed', project: 'healthy', pipeline_result: 'success' });
  expect(deployment.verdict.verdict).toBe('ok');
});

test('a broken deployment goes from trigger to rollback_recommended', async () => {
  const deployment = await deploy('broken', BROKEN);
  expect(deployment.verdict).toMatchObject({ verdict: 'rollback_recommended' });
});
