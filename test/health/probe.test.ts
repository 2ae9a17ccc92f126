import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Queryable } from '../../src/db/connection/pool.ts';
import { createHealthProbe, type HealthProbe } from '../../src/health/probe.ts';

/** docs/contract.md: what an answer of /health and /readyz may take while the database hangs. */
const PROMISED_MS = 2_000;

let probe: HealthProbe;
beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  probe.close();
  vi.useRealTimers();
});

function openProbe(query: () => Promise<unknown>): HealthProbe {
  return createHealthProbe({
    connection: { query } as Queryable,
    now: () => 0,
    schedulerRunning: () => true,
    names: () => ({ hanging: 0, saturated: false, fault: null }),
    clock: { state: () => 'right', reason: () => null },
    depthIntervalMs: 2_000,
  });
}

/** What `work` has come to after so many milliseconds; null while it is under way. */
async function after<Value>(milliseconds: number, work: Promise<Value>): Promise<Value | null> {
  let come: Value | null = null;
  void work.then((value) => {
    come = value;
  });
  await vi.advanceTimersByTimeAsync(milliseconds);
  return come;
}

const never = async () => await new Promise<never>(() => {});

test('a database that never answers is told within the two seconds that the contract promises', async () => {
  probe = openProbe(never);
  const [report, answered] = (await after(PROMISED_MS, Promise.all([probe.report(), probe.databaseAnswers()]))) ?? [];
  expect(answered).toBe(false);
  expect(report).toMatchObject({
    status: 'degraded',
    canServe: false,
    scheduler: null,
    checks: { db: false },
    reasons: ['the database does not answer'],
  });
});

test('whoever asks while a probe is under way waits for that one, and no longer', async () => {
  let asked = 0;
  probe = openProbe(async () => {
    asked += 1;
    return await never();
  });
  const before = asked;
  const first = probe.databaseAnswers();
  await vi.advanceTimersByTimeAsync(PROMISED_MS / 2);
  const second = probe.databaseAnswers();
  expect(asked - before).toBe(1);
  expect(await after(PROMISED_MS / 2, Promise.all([first, second]))).toEqual([false, false]);
});

test('a depth that two refills have missed is not repeated', async () => {
  let answers = true;
  const row = { waiting: '3', late: '0', running: '1', failed_1h: '0', writable: true };
  probe = openProbe(async () => (answers ? { rows: [row] } : await never()));
  await vi.advanceTimersByTimeAsync(0);
  expect(probe.knownDepth()).not.toBeNull();
  answers = false;
  await vi.advanceTimersByTimeAsync(4_999);
  expect(probe.knownDepth()).not.toBeNull();
  await vi.advanceTimersByTimeAsync(1);
  expect(probe.knownDepth()).toBeNull();
});
