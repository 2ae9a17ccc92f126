import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ObservedApp, startObservedApp } from '../../harness/observed-app.ts';
import { until } from '../../harness/until.ts';
import { DEFAULT_SIZING } from '../../src/jobs/queues.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startTestService, type TestService } from '../support/service.ts';

const ENVS = 60;
const SAMPLES = 5;

const closing = new AsyncDisposableStack();
let database: TestDatabase;
let slow: ObservedApp;
let quick: ObservedApp;
let running: TestService;
beforeAll(async () => {
  database = closing.use(await createTestDatabase());
  // All five samples at once: 300 collects from 60 triggers.
  running = closing.use(
    await startTestService({
      databaseUrl: database.url,
      sizing: DEFAULT_SIZING,
      env: { SEQPULSE_PRE_SAMPLES: String(SAMPLES), SEQPULSE_PRE_INTERVAL_SECONDS: '0.001' },
    }),
  );
  // Closed first: readings that they still hold would keep the service from stopping until their deadline.
  slow = closing.use(await startObservedApp());
  quick = closing.use(await startObservedApp());
});
afterAll(async () => await closing.disposeAsync());

const waitingJobs = async () => (await running.api.request('GET', '/health')).body.scheduler.pending;

test('300 collects of one project that all hang do not hold up another project’s', async () => {
  const { api } = running;
  const envs = Array.from({ length: ENVS }, (_, index) => `env-${index}`);
  const greedy = await api.newProject({ name: 'greedy', endpoint: slow.url, envs });
  const modest = await api.newProject({ name: 'modest', endpoint: quick.url });
  const before = slow.requests.length;
  slow.behaviour = () => {};
  await Promise.all(envs.map(async (env) => await api.trigger(greedy.apiKey, { env })));
  await until('its share of the slots is taken', 10, () => slow.requests.length - before >= 40);

  const asked = quick.requests.length;
  const startedAt = performance.now();
  await api.trigger(modest.apiKey, { env: 'prod' });
  await until('the other project is read', 10, () => quick.requests.length - asked >= SAMPLES);
  const seconds = (performance.now() - startedAt) / 1000;
  expect(await waitingJobs()).toBeGreaterThan(150);
  // Half a second is a poll; whoever waited for the hanging reads would have waited five.
  expect(seconds).toBeLessThan(4.5);
});
