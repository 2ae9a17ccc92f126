import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../harness/until.ts';
import { trustedClock } from '../../src/health/clock-watch.ts';
import { createHealthProbe } from '../../src/health/probe.ts';
import { type ClockedStage, openClockedStage, openStage } from '../support/stage.ts';

let stage: ClockedStage;
beforeAll(async () => {
  stage = await openClockedStage();
});
afterAll(async () => await stage[Symbol.asyncDispose]());

const get = (path: string) => stage.api.request('GET', path);

test('/health has the contract’s shape and nobody need authenticate', async () => {
  const answer = await get('/health');
  expect(answer.status).toBe(200);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.body).toEqual({
    status: 'ok',
    timestamp: new Date(stage.clock.now()).toISOString(),
    checks: { db: true, scheduler_running: true, accepting_work: true, names_resolving: true, clock_right: true },
    reasons: [],
    scheduler: { pending: 0, overdue: 0, running: 0, failed_1h: 0 },
  });
});

test('the other routes: /db-check, /livez, /readyz and the scheduler by itself', async () => {
  expect((await get('/db-check')).body).toEqual({ db_ok: true });
  expect((await get('/livez')).status).toBe(200);
  expect((await get('/readyz')).status).toBe(200);
  const scheduler = await get('/health/scheduler');
  expect(scheduler.status).toBe(200);
  expect(scheduler.body).toMatchObject({ pending: 0, overdue: 0, running: 0, failed_1h: 0 });
});

test('pending, overdue and failed jobs are counted; more than ten overdue ones degrade the service', async () => {
  const envs = ['a', 'b', 'c'];
  const { apiKey } = await stage.api.newProject({ name: 'jobs', endpoint: stage.app.url, envs });
  for (const env of envs) await stage.api.trigger(apiKey, { env });
  expect((await get('/health')).body.scheduler).toEqual({ pending: 15, overdue: 0, running: 0, failed_1h: 0 });
  // The last ones are due at 20 s: overdue from 50 s on, and no worker ran meanwhile.
  await stage.clock.setTime(stage.clock.now() + 60_000);
  const { body } = await get('/health');
  expect(body).toMatchObject({ status: 'degraded', scheduler: { pending: 15, overdue: 15 } });
  expect(body.reasons).toEqual(['15 jobs are overdue']);
  expect((await get('/readyz')).status).toBe(200);
  await stage.pass(1);
  expect((await get('/health')).body).toMatchObject({ status: 'ok', scheduler: { pending: 0, overdue: 0 } });
});

test('failed_1h forgets after an hour', async () => {
  // Collects of the test before, which came too late to be of use.
  await stage.database.query('delete from seqpulse.job_failures');
  await stage.database.query(
    `insert into seqpulse.job_failures (job_id, job_type, reason, failed_at) values
     (gen_random_uuid(), 'analysis', 'x', $1), (gen_random_uuid(), 'analysis', 'x', $2)`,
    [new Date(stage.clock.now() - 3_600_000), new Date(stage.clock.now() - 3_599_000)],
  );
  expect((await get('/health')).body.scheduler.failed_1h).toBe(1);
});

const ONE = 'the name of 1 endpoint host does not resolve in time';
const TWELVE = 'the names of 12 endpoint hosts do not resolve in time';

test.each([
  ['ok', { hanging: 0, saturated: false, fault: null }, []],
  ['ok', { hanging: 1, saturated: false, fault: null }, [ONE]],
  ['ok', { hanging: 12, saturated: false, fault: null }, [TWELVE]],
  [
    'degraded',
    { hanging: 12, saturated: true, fault: null },
    ['names of endpoint hosts that hang make others wait', TWELVE],
  ],
  [
    'degraded',
    { hanging: 0, saturated: false, fault: 'spawn EAGAIN' },
    ['names have no process of their own to be looked up in: a few at a time are'],
  ],
])(
  'names that do not resolve are told, and it is %s, for others wait or they do not: %j',
  async (status, names, reasons) => {
    const pool = new pg.Pool({ connectionString: stage.database.url, max: 1 });
    const probe = createHealthProbe({
      connection: pool,
      now: () => stage.clock.now(),
      schedulerRunning: () => true,
      names: () => names,
      clock: trustedClock(() => stage.clock.now()),
      depthIntervalMs: 60_000,
    });
    const report = await probe.report();
    probe.close();
    await pool.end();
    expect(report).toMatchObject({ status, checks: { db: true, names_resolving: status === 'ok' }, reasons });
  },
);

test('200 checks at once are answered', async () => {
  const answers = await Promise.all(Array.from({ length: 200 }, () => get('/health')));
  expect(new Set(answers.map((answer) => answer.body.status))).toEqual(new Set(['ok']));
});

test('a service that stops takes nothing new, finishes what runs and then does not linger', async () => {
  const stopping = await openStage();
  // A request under way keeps the server open while it stops.
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  stopping.app.behaviour = (response) => {
    asked.resolve();
    void answer.promise.then(() => response.writeHead(500).end());
  };
  const underWay = stopping.api.operator('POST', '/projects', { name: 'x', metrics_endpoint: stopping.app.url });
  await asked.promise;
  const closing = stopping[Symbol.asyncDispose]();
  await until('the service refuses new connections', 5, async () =>
    fetch(`${stopping.running.service.url}/readyz`).then(
      (response) => response.status === 503,
      () => true,
    ),
  );
  const startedAt = performance.now();
  answer.resolve();
  expect((await underWay).status).toBe(201);
  await closing;
  // Its client would keep the connection for another request; waiting for that would use up the whole 7 s of grace.
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});
