import { expect } from 'vitest';
import { HEALTHY, startObservedApp } from '../../harness/observed-app.ts';
import { openPool } from '../../src/db/connection/pool.ts';
import { runUntil, START_TIME, TestClock } from './clock.ts';
import type { TestDatabase } from './database.ts';
import { startTestService } from './service.ts';

/**
 * A service on the database from its start to the verdict of a deployment, with all that CI and an operator read of it.
 *
 * @param database the same database, for the test's own looks.
 */
export async function expectWholeLife(databaseUrl: string, database: TestDatabase): Promise<void> {
  const clock = new TestClock(START_TIME);
  await using running = await startTestService({ databaseUrl, clock });
  await using app = await startObservedApp();
  app.metrics = { ...HEALTHY, latency_p95: 123.45678901234 };
  const { api } = running;
  const { apiKey } = await api.newProject({ name: 'Größe \\ é', endpoint: app.url, baseline: 'at_trigger' });
  const { deployment_id } = (await api.trigger(apiKey, { env: 'prod', branch: 'a\\b' })).body;
  await runUntil(clock, running, database, START_TIME + 30_000);
  expect((await api.finish(apiKey, { deployment_id, result: 'success' })).body).toMatchObject({ status: 'accepted' });
  await runUntil(clock, running, database, START_TIME + 30_000 + 6 * 60_000);

  const headers = { 'X-API-Key': apiKey };
  const { samples } = (await api.request('GET', `/deployments/${deployment_id}/metrics`, { headers })).body;
  expect(samples).toHaveLength(10);
  expect(samples[0]).toMatchObject({ latency_p95: 123.45678901234 });
  expect((await api.deployment(apiKey, deployment_id)).body).toMatchObject({
    state: 'analyzed',
    branch: 'a\\b',
    started_at: new Date(START_TIME).toISOString(),
    verdict: { verdict: 'ok' },
  });
  expect((await api.request('GET', '/readyz')).status).toBe(200);
  expect((await api.request('GET', '/health')).body.status).toBe('ok');
  expect((await api.operator('GET', '/projects')).body.items[0]).toMatchObject({ name: 'Größe \\ é' });
  expect(running.logged.filter((line) => Number(line.level) >= 40)).toEqual([]);
}

/** The test's own look at the database must not itself suffer from the defaults. */
export function quietly(database: TestDatabase): TestDatabase {
  const pool = openPool({
    connectionString: database.url,
    max: 1,
    applicationName: 'test',
    connectionTimeoutMs: 10_000,
    queryTimeoutMs: 10_000,
    onIdleError: () => {},
  });
  return {
    url: database.url,
    query: async <Row extends object>(text: string, values?: unknown[]) =>
      (await pool.query(text, values)).rows as Row[],
    [Symbol.asyncDispose]: async () => await pool.end(),
  };
}
