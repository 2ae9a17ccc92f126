import { afterEach, beforeEach, expect, test } from 'vitest';
import { HEALTHY } from '../../harness/observed-app.ts';
import { until } from '../../harness/until.ts';
import { hourOf } from '../../src/db/baselines/slots.ts';
import { prune } from '../../src/lifecycle/prune.ts';
import { START_TIME } from '../support/clock.ts';
import { openSweepStage, type SweepStage } from '../support/sweeps.ts';

const HOUR_MS = 3_600_000;
const FIRST = hourOf(START_TIME);

let stage: SweepStage;
beforeEach(async () => {
  stage = await openSweepStage();
});
afterEach(async () => await stage[Symbol.asyncDispose]());

const openHour = async (hour: number) =>
  await stage.db.transaction(async (tx) => await tx.baselineSamples.openHour(hour));
const put = async (series: number, ...times: number[]) =>
  await stage.db.baselineSamples.store(times.map((collectedAtMs) => ({ series, collectedAtMs, numbers: HEALTHY })));
const times = async () =>
  (
    await stage.database.query<{ at: string }>('select collected_ms as at from seqpulse.baseline_samples order by 1')
  ).map((row) => Number(row.at));
const partitions = async () =>
  (
    await stage.database.query<{ name: string }>(
      `select distinct tableoid::regclass::text as name from seqpulse.baseline_samples order by 1`,
    )
  ).length;

test('an hour’s partition is used again 170 hours later, and what was in it goes first', async () => {
  await openHour(FIRST);
  await put(1, START_TIME, START_TIME + 1);
  await openHour(FIRST);
  expect(await times()).toHaveLength(2);
  const next = START_TIME + 170 * HOUR_MS;
  await openHour(hourOf(next));
  await put(1, next);
  expect(await times()).toEqual([next]);
});

test('replicas that open one hour at once lose none of its readings', async () => {
  await openHour(FIRST);
  await put(1, START_TIME);
  const hour = FIRST + 170;
  const rivals: Promise<void>[] = [];
  await stage.db.transaction(async (tx) => {
    await tx.baselineSamples.openHour(hour);
    rivals.push(openHour(hour), openHour(hour));
    const waiting = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
    await until('the others wait', 10, async () => (await stage.database.query(waiting)).length === 2);
    await tx.baselineSamples.store([{ series: 1, collectedAtMs: hour * HOUR_MS, numbers: HEALTHY }]);
  });
  await Promise.all(rivals);
  expect(await times()).toEqual([hour * HOUR_MS]);
});

test('the newest readings are found over the border of an hour, of one series, in the spans alone', async () => {
  await openHour(FIRST);
  await openHour(FIRST + 1);
  const border = START_TIME + HOUR_MS;
  await put(1, border - 2, border - 1, border, border + 1, border + 2);
  await put(2, border - 1, border);
  const spans = [
    { fromMs: border - 2, toMs: border },
    { fromMs: border + 1, toMs: border + 2 },
  ];
  const found = async (limit: number) =>
    (await stage.db.baselineSamples.newestOf(1, spans, limit)).map((sample) => sample.collectedAtMs - border);
  expect(await found(15)).toEqual([-2, -1, 1]);
  expect(await found(2)).toEqual([-1, 1]);
  expect(await stage.db.baselineSamples.newestOf(1, [], 15)).toEqual([]);
  expect(await partitions()).toBe(2);
});

test('the hourly pruning empties the hours that the setting no longer keeps, and no other', async () => {
  for (const hour of [-26, -25, -24, -23, 0]) {
    await openHour(FIRST + hour);
    await put(1, START_TIME + hour * HOUR_MS);
  }
  const deps = (hours: number) => ({
    db: stage.db,
    log: { info: () => {} } as never,
    now: () => START_TIME + 60_000,
    settings: { baselineHours: hours } as never,
  });
  await prune(deps(168), { retentionDays: 90, auditDays: 365 });
  expect(await times()).toHaveLength(5);
  await prune(deps(24), { retentionDays: 90, auditDays: 365 });
  expect((await times()).map((at) => (at - START_TIME) / HOUR_MS)).toEqual([-24, -23, 0]);
  // What was emptied can be written again.
  await openHour(FIRST - 26);
  await put(1, START_TIME - 26 * HOUR_MS);
  expect(await times()).toHaveLength(4);
});

test('a look at a week names the partitions of that week', async () => {
  const id = await stage.environment('http://app.example/metrics');
  const place = { projectId: id, env: 'prod', url: 'http://app.example/metrics' };
  const [series] = await stage.db.baselineTurns.openSeries([place], new Date(START_TIME));
  for (const hour of [0, 100, 167]) {
    await openHour(FIRST + hour);
    await put(series ?? 0, START_TIME + hour * HOUR_MS);
  }
  const listed = async (fromHour: number, toHour: number) =>
    (
      await stage.db.baselineSamples.listOf(
        id,
        'prod',
        new Date(START_TIME + fromHour * HOUR_MS),
        new Date(START_TIME + toHour * HOUR_MS),
      )
    ).map((sample) => (sample.collectedAtMs - START_TIME) / HOUR_MS);
  expect(await listed(0, 168)).toEqual([0, 100, 167]);
  expect(await listed(1, 167)).toEqual([100]);
  expect(await listed(5, 5)).toEqual([]);
  expect(await stage.db.baselineSamples.listOf(id, 'staging', new Date(START_TIME), new Date(START_TIME + 1))).toEqual(
    [],
  );
});

test('an environment that is gone gets no series, and one that two replicas open at once gets one', async () => {
  const id = await stage.environment('http://app.example/metrics');
  const place = { projectId: id, env: 'prod', url: 'http://app.example/metrics' };
  const gone = { ...place, env: 'gone' };
  const open = async () => await stage.db.baselineTurns.openSeries([gone, place], new Date(START_TIME));
  const opened = await Promise.all([open(), open(), open()]);
  expect(new Set(opened.map(([missing]) => missing))).toEqual(new Set([null]));
  expect(new Set(opened.map(([, series]) => series)).size).toBe(1);
  expect(opened[0]?.[1]).toEqual(expect.any(Number));
});
