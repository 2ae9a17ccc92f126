import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createSilenceWatch, type SilenceWatch, type Watched } from '../../src/db/connection/silence-watch.ts';

/** What a trigger may take on a database that swallows everything: the published client gives up after four seconds. */
const TOLD_WITHIN_MS = 3_000;

let watch: SilenceWatch;
beforeEach(() => {
  vi.useFakeTimers();
  watch = createSilenceWatch();
  watch.begin();
});
afterEach(() => void vi.useRealTimers());

/** A connection that was answered just now. */
function connect() {
  const state = { waitingSinceMs: null as number | null, answeredAtMs: performance.now(), dropped: false };
  const connection: Watched = {
    get idle() {
      return state.waitingSinceMs === null;
    },
    get waitingSinceMs() {
      return state.waitingSinceMs;
    },
    get answeredAtMs() {
      return state.answeredAtMs;
    },
    drop() {
      state.dropped = true;
      watch.remove(connection);
    },
  };
  watch.add(connection);
  return {
    state,
    connection,
    ask() {
      state.waitingSinceMs = performance.now();
      watch.asked();
    },
    answer() {
      state.waitingSinceMs = null;
      state.answeredAtMs = performance.now();
      watch.answered();
    },
  };
}

test('when nobody is answered all connections are dropped together, and whoever waits is told, within three seconds', async () => {
  const [asking, idle] = [connect(), connect()];
  const told = vi.fn();
  watch.onSilence(told);
  asking.ask();
  await vi.advanceTimersByTimeAsync(TOLD_WITHIN_MS);
  expect(watch.silent).toBe(true);
  expect(told).toHaveBeenCalledOnce();
  expect([asking.state.dropped, idle.state.dropped]).toEqual([true, true]);
});

test('before the service has begun to ask twice a second one slow statement of its start is no silence', async () => {
  watch = createSilenceWatch();
  const asking = connect();
  asking.ask();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([watch.silent, asking.state.dropped]).toEqual([false, false]);
  watch.begin();
  await vi.advanceTimersByTimeAsync(TOLD_WITHIN_MS);
  expect([watch.silent, asking.state.dropped]).toEqual([true, true]);
});

test('while that lasts nobody waits longer than for one try', async () => {
  connect().ask();
  await vi.advanceTimersByTimeAsync(TOLD_WITHIN_MS);
  const next = connect();
  next.ask();
  await vi.advanceTimersByTimeAsync(700);
  expect(next.state.dropped).toBe(false);
  await vi.advanceTimersByTimeAsync(500);
  expect(next.state.dropped).toBe(true);
});

test('a statement may take its time as long as others are answered', async () => {
  const [slow, quick] = [connect(), connect()];
  slow.ask();
  for (let second = 0; second < 20; second += 1) {
    quick.ask();
    await vi.advanceTimersByTimeAsync(500);
    quick.answer();
    await vi.advanceTimersByTimeAsync(500);
  }
  expect(watch.silent).toBe(false);
  expect([slow.state.dropped, quick.state.dropped]).toEqual([false, false]);
});

test('an idle night is no silence: it counts from when something was asked', async () => {
  const one = connect();
  await vi.advanceTimersByTimeAsync(3_600_000);
  one.ask();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(watch.silent).toBe(false);
  one.answer();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(watch.silent).toBe(false);
});

test('an answer ends the silence, and what is told of it is told anew at the next', async () => {
  const told = vi.fn();
  const forget = watch.onSilence(told);
  connect().ask();
  await vi.advanceTimersByTimeAsync(TOLD_WITHIN_MS);
  const second = connect();
  second.ask();
  second.answer();
  expect(watch.silent).toBe(false);
  second.ask();
  await vi.advanceTimersByTimeAsync(TOLD_WITHIN_MS);
  expect(told).toHaveBeenCalledTimes(2);
  forget();
});

test('a process that stood still itself says nothing of the database: answers may lie unread', async () => {
  const asking = connect();
  asking.ask();
  await vi.advanceTimersByTimeAsync(200);
  // Time passes, and no timer runs.
  vi.setSystemTime(Date.now() + 10_000);
  vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 10_000);
  await vi.advanceTimersByTimeAsync(200);
  vi.restoreAllMocks();
  expect(asking.state.dropped).toBe(false);
});

test('a statement that waited in vain while others were answered takes the idle ones from before with it', async () => {
  const [stuck, before, after] = [connect(), connect(), connect()];
  stuck.ask();
  await vi.advanceTimersByTimeAsync(500);
  after.ask();
  after.answer();
  watch.timedOut(stuck.connection, 400);
  expect([before.state.dropped, after.state.dropped]).toEqual([true, false]);
});
