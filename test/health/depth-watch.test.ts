import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Queryable } from '../../src/db/connection/pool.ts';
import { watchSchedulerDepth } from '../../src/health/depth-watch.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A database that takes so long to count, whose queues nobody supervises, and how often it was asked. */
function slowDatabase() {
  const database = {
    costMs: 0,
    asked: 0,
    pending: 0,
    fails: false,
    query: async (text: string) => {
      if (text.includes('pgboss.queue')) {
        const waiting = String(Math.min(database.pending, 1_001));
        if (database.pending > 1_000)
          return { rows: [{ monitor_pending: null, monitor_due: null, waiting, late: '0' }] };
      }
      database.asked += 1;
      await new Promise((resolve) => setTimeout(resolve, database.costMs));
      if (database.fails) throw new Error('gone');
      const counted = String(database.pending);
      return { rows: [{ pending: counted, overdue: '0', waiting: counted, late: '0' }] };
    },
  };
  return database;
}

function watch(database: ReturnType<typeof slowDatabase>) {
  return watchSchedulerDepth({ connection: database as unknown as Queryable, now: Date.now, intervalMs: 2_000 });
}

test('what costs nothing is counted at every interval, and whenever somebody asks', async () => {
  const database = slowDatabase();
  database.costMs = 2;
  const depth = watch(database);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(database.asked).toBe(10);
  database.pending = 7;
  const asked = depth.current();
  await vi.advanceTimersByTimeAsync(2);
  expect(await asked).toEqual({ pending: 7, overdue: 0 });
  depth.close();
});

test('many that nobody else counts have a hundredth of the time, at any depth, and are still known', async () => {
  const database = slowDatabase();
  database.costMs = 97;
  database.pending = 50_000;
  const depth = watch(database);
  await vi.advanceTimersByTimeAsync(100_000);
  expect(database.asked * database.costMs).toBeLessThanOrEqual(1_100);
  expect(depth.known()).toEqual({ pending: 50_000, overdue: 0 });
  const before = database.asked;
  expect(await depth.current()).toEqual({ pending: 50_000, overdue: 0 });
  expect(database.asked).toBe(before);
  // Few again: so they are counted as often as before.
  database.pending = 50;
  await vi.advanceTimersByTimeAsync(12_000);
  const since = database.asked;
  await vi.advanceTimersByTimeAsync(20_000);
  expect(database.asked - since).toBeGreaterThanOrEqual(9);
  depth.close();
});

test('a number is no more known once it is old or the database has gone, and nothing is asked after the end', async () => {
  const database = slowDatabase();
  const depth = watch(database);
  await vi.advanceTimersByTimeAsync(1);
  expect(depth.known()).not.toBeNull();
  database.costMs = 30_000;
  await vi.advanceTimersByTimeAsync(8_000);
  expect(depth.known()).toBeNull();
  await vi.advanceTimersByTimeAsync(25_000);
  expect(depth.known()).not.toBeNull();
  database.fails = true;
  await vi.advanceTimersByTimeAsync(100_000);
  expect(depth.known()).toBeNull();
  depth.close();
  const asked = database.asked;
  await vi.advanceTimersByTimeAsync(300_000);
  expect(database.asked).toBe(asked);
});
