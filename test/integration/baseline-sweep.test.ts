import { afterEach, beforeEach, expect, test } from 'vitest';
import { HEALTHY, type ObservedApp, startObservedApp } from '../../harness/observed-app.ts';
import { until } from '../../harness/until.ts';
import { START_TIME, TestClock } from '../support/clock.ts';
import { openSweepStage, type SweepStage } from '../support/sweeps.ts';

let stage: SweepStage;
let app: ObservedApp;
beforeEach(async () => {
  stage = await openSweepStage();
  app = await startObservedApp();
});
afterEach(async () => {
  await stage[Symbol.asyncDispose]();
  await app[Symbol.asyncDispose]();
});

const rows = async (projectId: string) =>
  await stage.database.query<{ collected_ms: string; latency_p95: number; url: string; is_timed: boolean }>(
    `select b.collected_ms, b.latency_p95, s.url, b.read_ms > 0 as is_timed from seqpulse.baseline_samples b
     join seqpulse.baseline_series s on s.id = b.series where s.project_id = $1 order by 1`,
    [projectId],
  );
const total = async () =>
  Number((await stage.database.query<{ count: string }>('select count(*) from seqpulse.baseline_samples'))[0]?.count);
const stored = async (count: number) => await until(`${count} samples`, 10, async () => (await total()) === count);

test('an environment is read once a minute, at its own moment, and what it says is kept', async () => {
  const id = await stage.environment(app.url, { phaseMs: 7_400 });
  const one = stage.start();
  await stage.pass(185, one);
  await stored(3);
  const found = await rows(id);
  // A reading that is under way while the clock goes on is dated when it is through.
  for (const [minute, row] of found.entries()) {
    const lateMs = Number(row.collected_ms) - (START_TIME + minute * 60_000 + 7_400);
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThan(5_000);
    expect(row).toMatchObject({ latency_p95: HEALTHY.latency_p95, url: app.url, is_timed: true });
  }
  expect(app.requests).toHaveLength(3);
  expect(one.stored()).toBe(3);
});

test('an environment that begins to fail is noted with the reason, once until it fails differently', async () => {
  const id = await stage.environment(app.url, { phaseMs: 7_400 });
  const noted = async () =>
    await stage.database.query<{ read_error: string | null; read_error_at: Date | null }>(
      'select read_error, read_error_at from seqpulse.environments where project_id = $1',
      [id],
    );
  app.behaviour = (response) => void response.writeHead(500).end();
  const one = stage.start();
  await stage.pass(61, one);
  await until('the first failure', 10, async () => (await noted())[0]?.read_error != null);
  const [first] = await noted();
  expect(first?.read_error).toContain('500');
  await stage.pass(60, one);
  await until('two reads', 10, () => app.requests.length === 2);
  expect(await noted()).toEqual([first]);
});

test('environments are spread over the minute: no second has more than three of 120', async () => {
  for (let index = 0; index < 120; index += 1) await stage.environment(null);
  const seconds = await stage.database.query<{ count: string }>(
    'select count(*) from seqpulse.environments group by read_phase_ms / 1000',
  );
  expect(Math.max(...seconds.map((row) => Number(row.count)))).toBeLessThanOrEqual(3);
  expect(seconds.length).toBeGreaterThanOrEqual(55);
});

test('of two replicas none reads what the other has read, also when their clocks differ', async () => {
  for (let index = 0; index < 40; index += 1) {
    await stage.environment(`${app.url}?app=${index}`, { phaseMs: 3_000 + index * 1_300 });
  }
  const replicas = [stage.start(), stage.start(new TestClock(START_TIME + 2_300))];
  await stage.pass(120, ...replicas);
  await stored(80);
  const perMinute = await stage.database.query<{ count: string }>(
    `select count(*) from seqpulse.baseline_samples group by series, collected_ms / 60000`,
  );
  expect(perMinute.map((row) => Number(row.count))).toEqual(Array.from({ length: 80 }, () => 1));
  expect(app.requests).toHaveLength(80);
});

test('a turn taken up to five minutes ahead is taken; further ahead it is a clock that was set back', async () => {
  await stage.environment(app.url, { phaseMs: 7_000 });
  const take = async (minute: number) => (await stage.db.baselineTurns.take(minute, 7)).length;
  expect(await take(100)).toBe(1);
  expect(await take(100)).toBe(0);
  expect(await take(99)).toBe(0);
  expect(await take(95)).toBe(0);
  expect(await take(101)).toBe(1);
  expect(await take(95)).toBe(1);
  expect(await take(96)).toBe(1);
});

test('a replica that dies holds up nobody: the other takes every turn that comes', async () => {
  for (let index = 0; index < 30; index += 1) await stage.environment(`${app.url}?app=${index}`);
  const clock = new TestClock(START_TIME);
  const [dying, staying] = [stage.start(clock), stage.start(clock)];
  await stage.pass(60, dying, staying);
  await dying.sweep.stop();
  const before = staying.stored();
  await stage.pass(62, staying);
  await until('a whole minute by one replica', 10, () => staying.stored() - before >= 30);
});

test('applications that hang delay no other, and a stop waits for none of them', async () => {
  await using hanging = await startObservedApp();
  hanging.behaviour = () => {};
  for (let index = 0; index < 50; index += 1) await stage.environment(hanging.url, { phaseMs: 1_000 + index });
  const id = await stage.environment(app.url, { phaseMs: 1_900 });
  const one = stage.start();
  const startedAt = performance.now();
  await stage.pass(4, one);
  await until('the hanging ones are asked', 5, () => hanging.requests.length === 50);
  await stored(1);
  // Their deadline is five seconds of real time.
  expect(performance.now() - startedAt).toBeLessThan(4_000);
  expect(await rows(id)).toHaveLength(1);
  const stopping = performance.now();
  await one.sweep.stop();
  expect(performance.now() - stopping).toBeLessThan(4_000);
});

test('what is not to be read is left alone: projects that want none, no endpoint, an open deployment', async () => {
  await stage.environment(app.url, { baseline: 'at_trigger' });
  await stage.environment(null);
  const deployed = await stage.environment(app.url);
  const deployment = async (state: string) =>
    await stage.database.query(
      `insert into seqpulse.deployments (id, project_id, number, env, state, metrics_endpoint, started_at, finish_deadline_at, pre_expected)
       values (gen_random_uuid(), $1, (random() * 1e9)::int, 'prod', $2, 'x', now(), now(), 5)`,
      [deployed, state],
    );
  await deployment('analyzed');
  await deployment('running');
  const one = stage.start();
  await stage.pass(61, one);
  expect(app.requests).toHaveLength(0);
  await stage.database.query(`update seqpulse.deployments set state = 'finished' where state = 'running'`);
  await stage.pass(60, one);
  expect(app.requests).toHaveLength(0);
  await stage.database.query(`update seqpulse.deployments set state = 'analyzed'`);
  await stage.pass(61, one);
  await stored(1);
});

test('a project that is switched to at_trigger is read no more from the next minute on, and read again when it is back', async () => {
  const id = await stage.environment(app.url);
  const one = stage.start();
  const switchTo = async (mode: string) =>
    await stage.database.query('update seqpulse.projects set baseline = $2 where id = $1', [id, mode]);
  await stage.pass(61, one);
  await stored(1);
  await switchTo('at_trigger');
  await stage.pass(120, one);
  expect(app.requests).toHaveLength(1);
  await switchTo('continuous');
  await stage.pass(61, one);
  await stored(2);
});

test('a new endpoint begins a new series; the old one is found again when it is back, and pruned when it is not', async () => {
  const id = await stage.environment(app.url);
  const one = stage.start();
  const setEndpoint = async (url: string) =>
    await stage.database.query('update seqpulse.endpoints set active_url = $2 where project_id = $1', [id, url]);
  await stage.pass(61, one);
  await stored(1);
  await setEndpoint(`${app.url}?new`);
  await stage.pass(60, one);
  await stored(2);
  const span = [new Date(START_TIME), new Date(START_TIME + 600_000)] as const;
  expect(await stage.db.baselineSamples.listOf(id, 'prod', ...span)).toHaveLength(1);
  await setEndpoint(app.url);
  await stage.pass(60, one);
  await stored(3);
  expect(await stage.db.baselineSamples.listOf(id, 'prod', ...span)).toHaveLength(2);
  expect(await stage.db.baselineTurns.pruneSeries(new Date(START_TIME))).toBe(0);
  expect(await stage.db.baselineTurns.pruneSeries(new Date(one.clock.now()))).toBe(1);
  expect((await rows(id)).map((row) => row.url)).toEqual([app.url, app.url]);
});

test('an environment’s own endpoint wins over the project’s default', async () => {
  const id = await stage.environment('http://127.0.0.1:1/metrics');
  await stage.database.query(`insert into seqpulse.endpoints (project_id, env, active_url) values ($1, 'prod', $2)`, [
    id,
    app.url,
  ]);
  const one = stage.start();
  await stage.pass(61, one);
  await stored(1);
});

test('a deleted project takes its series along, also in the middle of a reading', async () => {
  const id = await stage.environment(app.url);
  const one = stage.start();
  await stage.pass(61, one);
  await stored(1);
  await stage.database.query('delete from seqpulse.projects where id = $1', [id]);
  await stage.pass(61, one);
  expect(await stage.database.query('select from seqpulse.baseline_series')).toEqual([]);
  expect(await stage.db.baselineSamples.listOf(id, 'prod', new Date(START_TIME), new Date(one.clock.now()))).toEqual(
    [],
  );
  expect(one.logged.filter((line) => Number(line.level) >= 40)).toEqual([]);
});

test('a failing environment is told when it begins, when it fails differently and when it is well again', async () => {
  const id = await stage.environment(app.url);
  const one = stage.start();
  app.behaviour = (response) => response.writeHead(503).end();
  await stage.pass(61, one);
  await until('the first news', 5, () => one.logged.length === 1);
  await stage.pass(120, one);
  await until('three readings', 5, () => app.requests.length === 3);
  app.behaviour = (response) => response.end('{}');
  await stage.pass(60, one);
  await until('the second news', 5, () => one.logged.length === 2);
  app.behaviour = null;
  await stage.pass(60, one);
  await until('the last news', 5, () => one.logged.length === 3);
  expect(one.logged).toMatchObject([
    { event: 'baseline_read_failed', project_id: id, env: 'prod', outcome: 'bad_status' },
    { event: 'baseline_read_failed', outcome: 'bad_body' },
    { event: 'baseline_read_recovered' },
  ]);
});

test('a number too large for the table is not known there, and takes no other number along', async () => {
  await using odd = await startObservedApp();
  odd.metrics = { ...HEALTHY, latency_p95: 1e300 };
  const huge = await stage.environment(odd.url, { phaseMs: 500 });
  const tiny = await stage.environment(app.url, { phaseMs: 510 });
  app.metrics = { ...HEALTHY, latency_p95: 1e-300 };
  const one = stage.start();
  await stage.pass(61, one);
  await until('both are read', 5, () => odd.requests.length > 0 && app.requests.length > 0);
  await stage.pass(3, one);
  await stored(2);
  expect(await rows(huge)).toMatchObject([{ latency_p95: null }]);
  expect(await rows(tiny)).toMatchObject([{ latency_p95: 0 }]);
});

test('a clock that is set back by an hour, or forward by a year, makes no environment unread for long', async () => {
  await stage.environment(app.url);
  const one = stage.start();
  await stage.pass(61, one);
  await stored(1);
  one.stepClock(-3_600_000);
  await stage.pass(65, one);
  await until('read after the jump back', 5, () => app.requests.length === 2);
  one.stepClock(365 * 86_400_000);
  await stage.pass(66, one);
  await until('read after the jump ahead', 5, () => app.requests.length >= 3);
});
