import { afterEach, expect, test, vi } from 'vitest';
import type { Queryable } from '../../src/db/connection/pool.ts';
import { createClockWatch } from '../../src/health/clock-watch.ts';
import { openClock } from '../../src/service/clock.ts';

const HOUR_MS = 3_600_000;
const NOON_MS = Date.parse('2030-01-01T12:00:00Z');

/** A machine and a database that agree, until the test says otherwise. Milliseconds. */
function stage() {
  const told: string[] = [];
  const tell = ({ event }: { event?: string }) => void told.push(event ?? '');
  const times = { wall: NOON_MS, monotonic: 5_000, database: NOON_MS };
  const pass = (ms: number) => {
    for (const clock of ['wall', 'monotonic', 'database'] as const) times[clock] += ms;
  };
  const connection = { query: async () => ({ rows: [{ ms: times.database }] }) } as unknown as Queryable;
  const watch = createClockWatch({
    connection,
    wall: () => times.wall,
    monotonic: () => times.monotonic,
    limitSeconds: 30,
    log: { info: tell, warn: tell, error: tell },
  });
  return { times, pass, watch, told };
}

afterEach(() => {
  vi.useRealTimers();
});

test('clocks that agree go on together', async () => {
  const { pass, times, watch, told } = stage();
  await watch.measure();
  pass(50_000);
  expect(watch.jumped()).toBe(false);
  expect(watch.now()).toBe(times.database);
  expect(told).toEqual([]);
});

test('a machine that slept knows it before it is measured again, and then what time it is', async () => {
  const { pass, times, watch } = stage();
  await watch.measure();
  pass(1_000);
  // The clock that nobody sets stands still meanwhile.
  times.wall += 3 * HOUR_MS;
  times.database += 3 * HOUR_MS;
  expect(watch.jumped()).toBe(true);
  await watch.measure();
  expect(watch.jumped()).toBe(false);
  expect(watch.now()).toBe(times.database);
  expect(watch.state()).toBe('right');
});

test.each([
  ['forward', 3 * HOUR_MS],
  ['back', -3 * HOUR_MS],
])('a clock that is set %s is told; times go on by the database’s', async (_, shiftMs) => {
  const { pass, times, watch, told } = stage();
  await watch.measure();
  times.wall += shiftMs;
  pass(500);
  expect(watch.jumped()).toBe(true);
  expect(watch.now()).toBe(times.database);
  await watch.measure();
  expect(watch.jumped()).toBe(false);
  expect(watch.state()).toBe('wrong');
  expect(watch.now()).toBe(times.database);
  expect(told).toEqual(['clock_wrong']);
});

test('a database whose clock was set, or another one after a failover, is followed from the next measurement on', async () => {
  const { pass, times, watch } = stage();
  await watch.measure();
  times.database += 20_000;
  pass(60_000);
  await watch.measure();
  expect(watch.now()).toBe(times.database);
  expect(watch.state()).toBe('told');
});

test('less than a second is what time servers correct, and is no jump', async () => {
  const { times, watch } = stage();
  await watch.measure();
  times.wall += 900;
  expect(watch.jumped()).toBe(false);
});

const silent = { info() {}, warn() {}, error() {} } as unknown as Parameters<typeof openClock>[0]['log'];

/** A database that says its time only once `answers` says so. */
const answering = (answers: () => boolean) =>
  ({
    query: async () => {
      if (!answers()) throw new Error('Query read timeout');
      return { rows: [{ ms: Date.now() }] };
    },
  }) as unknown as Queryable;

test('a start waits until the database has said what time it is', async () => {
  vi.useFakeTimers();
  let isThere = false;
  const opening = openClock({ connection: answering(() => isThere), limitSeconds: 30, log: silent });
  const seen = vi.fn();
  void opening.then(seen);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(seen).not.toHaveBeenCalled();
  isThere = true;
  await vi.advanceTimersByTimeAsync(1_000);
  using clock = await opening;
  expect(clock.offsetSeconds()).toBe(0);
});

test('and gives up after half a minute: by a clock that nobody compared it would do harm', async () => {
  vi.useFakeTimers();
  const opening = openClock({ connection: answering(() => false), limitSeconds: 30, log: silent });
  const refused = expect(opening).rejects.toThrow('the database does not say in time what time it is');
  await vi.advanceTimersByTimeAsync(31_000);
  await refused;
});
