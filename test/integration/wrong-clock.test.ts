import { expect, test } from 'vitest';
import { startObservedApp } from '../../harness/observed-app.ts';
import { until } from '../../harness/until.ts';
import { abandon } from '../../src/lifecycle/abandon.ts';
import { giveOverdueVerdicts } from '../../src/lifecycle/overdue-verdicts.ts';
import { prune } from '../../src/lifecycle/prune.ts';
import { createTestDatabase } from '../support/database.ts';
import { startTestService } from '../support/service.ts';

/** Seconds within which two looks at the same time must agree, on a machine under load. */
const NEAR_SECONDS = 3;

test.each([
  ['behind', -45],
  ['ahead of', 3 * 3_600],
])('a machine whose clock is far %s the database’s does not start, and says why', async (where, seconds) => {
  await using database = await createTestDatabase();
  await expect(
    startTestService({ databaseUrl: database.url, wallClock: () => Date.now() + seconds * 1000 }),
  ).rejects.toThrow(new RegExp(`clock is \\d+\\.\\d s ${where} the database’s .*SEQPULSE_MAX_CLOCK_OFFSET_SECONDS`));
});

test('a clock that is wrong by less is told, and what is stored follows the database', async () => {
  await using database = await createTestDatabase();
  await using app = await startObservedApp();
  await using running = await startTestService({
    databaseUrl: database.url,
    wallClock: () => Date.now() - 20_000,
    env: { SEQPULSE_POST_INTERVAL_SECONDS: '3600' },
  });
  const { api, logged, service } = running;
  expect(service.time.offsetSeconds()).toBeGreaterThan(20 - NEAR_SECONDS);
  expect(service.time.offsetSeconds()).toBeLessThan(20 + NEAR_SECONDS);
  expect((await api.request('GET', '/health')).body).toMatchObject({
    status: 'degraded',
    checks: { clock_right: false },
    reasons: [
      expect.stringMatching(
        /^this machine’s clock is 2\d\.\d s behind the database’s$|^this machine’s clock is 19\.\d s behind the database’s$/,
      ),
    ],
  });
  expect((await api.request('GET', '/readyz')).status).toBe(200);
  expect(logged.filter((line) => line.event === 'clock_wrong')).toHaveLength(1);

  const { apiKey } = await api.newProject({ name: 'shop', endpoint: app.url, baseline: 'at_trigger' });
  const { deployment_id } = (await api.trigger(apiKey, { env: 'prod' })).body;
  const [row] = await database.query<{ off: number }>(
    'select abs(extract(epoch from now() - started_at))::float8 as off from seqpulse.deployments where id = $1',
    [deployment_id],
  );
  expect(row?.off).toBeLessThan(NEAR_SECONDS);
  await api.finish(apiKey, { deployment_id, result: 'success' });
  // By a clock that is behind, the reading an hour later would be due long after the end of the window, or before it.
  const due = await database.query<{ seconds: number }>(
    `select extract(epoch from start_after - now())::float8 as seconds from pgboss.job
     where name = 'post_collect' and data->>'deploymentId' = $1 and (data->>'sequence')::int = 1`,
    [deployment_id],
  );
  expect(Math.abs(Number(due[0]?.seconds) - 3_600)).toBeLessThan(NEAR_SECONDS);
});

test('a clock that goes wrong: no jobs and no requests here until it is right, and nobody’s deployment is abandoned', async () => {
  let shiftMs = 0;
  await using database = await createTestDatabase();
  await using app = await startObservedApp();
  await using running = await startTestService({ databaseUrl: database.url, wallClock: () => Date.now() + shiftMs });
  const { api, service } = running;
  const { id, apiKey } = await api.newProject({ name: 'shop', endpoint: app.url, baseline: 'at_trigger' });

  shiftMs = 3 * 3_600_000;
  // Before anybody has measured again, too: what nobody sets goes on evenly.
  expect(Math.abs(service.lifecycle.now() - Date.now()) / 1000).toBeLessThan(NEAR_SECONDS);
  await service.time.measure();
  expect(Math.abs(service.lifecycle.now() - Date.now()) / 1000).toBeLessThan(NEAR_SECONDS);
  expect(service.time.state()).toBe('wrong');
  expect((await api.request('GET', '/readyz')).status).toBe(503);

  const { deployment_id } = (await api.trigger(apiKey, { env: 'prod' })).body;
  const read = async () => (await database.query('select from seqpulse.samples')).length > 0;
  const since = performance.now();
  await until('several polls have gone by', 30, () => performance.now() - since > 1_500);
  expect(await read()).toBe(false);
  // What goes on sweeping goes by the database's clock: by this machine's the deadline, 2 h, would have passed, and so
  // would the last hour of the key.
  expect(await abandon(service.lifecycle)).toBe(0);
  expect(await giveOverdueVerdicts(service.lifecycle)).toBe(0);
  await api.operator('POST', `/projects/${id}/api-key`, { keep_old_hours: 1 });
  await prune(service.lifecycle, { retentionDays: 90, auditDays: 365 });
  expect((await api.deployment(apiKey, deployment_id)).body.state).toBe('running');

  shiftMs = 0;
  await service.time.measure();
  expect((await api.request('GET', '/readyz')).status).toBe(200);
  await until('jobs are taken again', 30, read);
  expect(running.logged.some((line) => line.event === 'clock_right_again')).toBe(true);
});
