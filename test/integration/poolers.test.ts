import { describe, expect, test } from 'vitest';
import { findMonitoringPrograms } from '../../harness/monitoring-programs.ts';
import { startObservedApp } from '../../harness/observed-app.ts';
import { findPooling } from '../../src/db/connection/pooler.ts';
import { runUntil, START_TIME, TestClock } from '../support/clock.ts';
import { createTestDatabase } from '../support/database.ts';
import { startPgBouncer } from '../support/pgbouncer.ts';
import { startTestService } from '../support/service.ts';

const programs = findMonitoringPrograms('tests behind PgBouncer are', ['pgbouncer']);

describe.skipIf(programs.missing)('behind PgBouncer', () => {
  const program = programs.missing ? '' : programs.path('pgbouncer');

  test.each([
    ['session', {}],
    ['transaction', { direct: true }],
  ] as const)(
    'in %s mode: 40 triggers at once, reads and writes, and a deployment to its verdict',
    async (mode, { direct = false }: { direct?: boolean }) => {
      await using database = await createTestDatabase({ empty: true });
      const name = new URL(database.url).pathname.slice(1);
      // What a pooled session has set must not reach the next, and what the database says must not reach ours.
      await database.query(`alter database ${name} set datestyle = 'German'`);
      await database.query(`alter database ${name} set default_transaction_isolation = 'serializable'`);
      // Fewer sessions than clients in transaction mode: statements of one client land in another's session.
      await using pooler = await startPgBouncer({
        program,
        databaseUrl: database.url,
        mode,
        poolSize: mode === 'session' ? 50 : 3,
      });
      const clock = new TestClock(START_TIME);
      await using app = await startObservedApp();
      await using running = await startTestService({
        databaseUrl: pooler.url,
        clock,
        ...(direct ? { env: { DATABASE_DIRECT_URL: database.url } } : {}),
      });
      const { api } = running;
      const envs = Array.from({ length: 40 }, (_, index) => `env-${index}`);
      const { apiKey } = await api.newProject({ name: 'pooled', endpoint: app.url, envs, baseline: 'at_trigger' });
      const triggered = await Promise.all(envs.map(async (env) => await api.trigger(apiKey, { env })));
      expect(triggered.map(({ body }) => body.status)).toEqual(envs.map(() => 'created'));
      expect((await api.request('GET', '/readyz')).status).toBe(200);
      const created = await Promise.all(
        envs.map(async (env) => await api.operator('POST', '/projects', { name: `project ${env}` })),
      );
      expect(new Set(created.map(({ status }) => status))).toEqual(new Set([201]));

      const { deployment_id } = triggered[0]?.body ?? {};
      await runUntil(clock, running, database, START_TIME + 30_000);
      const finished = await api.finish(apiKey, { deployment_id, result: 'success' });
      expect(finished.body).toMatchObject({ status: 'accepted' });
      await runUntil(clock, running, database, START_TIME + 30_000 + 6 * 60_000);
      expect((await api.deployment(apiKey, deployment_id)).body).toMatchObject({
        started_at: new Date(START_TIME).toISOString(),
        verdict: { verdict: 'ok' },
      });
      expect(running.logged.filter((line) => Number(line.level) >= 40)).toEqual([]);
    },
  );

  test('in transaction mode without a direct way the start is refused, and the setting named', async () => {
    await using database = await createTestDatabase();
    await using pooler = await startPgBouncer({ program, databaseUrl: database.url, mode: 'transaction' });
    await expect(startTestService({ databaseUrl: pooler.url })).rejects.toThrow(
      /transaction mode.*DATABASE_DIRECT_URL/,
    );
    await expect(
      startTestService({ databaseUrl: database.url, env: { DATABASE_DIRECT_URL: pooler.url } }),
    ).rejects.toThrow(/DATABASE_DIRECT_URL goes through a pooler in transaction mode/);
  });

  test('in statement mode the start is refused with PgBouncer’s own reason', async () => {
    await using database = await createTestDatabase();
    await using pooler = await startPgBouncer({ program, databaseUrl: database.url, mode: 'statement' });
    await expect(startTestService({ databaseUrl: pooler.url })).rejects.toThrow(/statement pooling/);
  });

  test.each([
    ['transaction', 1],
    ['transaction', 5],
    ['session', 5],
    ['session', 1],
  ] as const)('%s mode with %i connections is recognised', async (mode, poolSize) => {
    await using database = await createTestDatabase();
    await using pooler = await startPgBouncer({ program, databaseUrl: database.url, mode, poolSize });
    expect((await findPooling(pooler.url)).mode).toBe(mode);
    expect((await findPooling(database.url)).mode).toBe('session');
  });
});

test('a direct way to another database is refused', async () => {
  await using database = await createTestDatabase();
  await using another = await createTestDatabase();
  await expect(
    startTestService({ databaseUrl: database.url, env: { DATABASE_DIRECT_URL: another.url } }),
  ).rejects.toThrow(/DATABASE_DIRECT_URL leads to another database/);
});

test('a database without our tables is not ready, whatever else it answers', async () => {
  await using database = await createTestDatabase();
  await using running = await startTestService({ databaseUrl: database.url });
  expect((await running.api.request('GET', '/readyz')).status).toBe(200);
  await database.query('alter table seqpulse.installation rename to elsewhere');
  expect((await running.api.request('GET', '/readyz')).status).toBe(503);
  await database.query('alter table seqpulse.elsewhere rename to installation');
  expect((await running.api.request('GET', '/readyz')).status).toBe(200);
});
