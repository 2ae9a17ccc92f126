import { pino } from 'pino';
import { expect, test } from 'vitest';
import { HEALTHY } from '../../harness/observed-app.ts';
import { createSampleWriter } from '../../src/baseline/sample-writer.ts';
import { TestClock } from '../support/clock.ts';

/** A writer on a database that stores, fails or hangs as told. */
function writer() {
  const clock = new TestClock(0);
  const logged: string[] = [];
  const state = {
    failing: false,
    hang: null as Promise<void> | null,
    statements: 0,
    stored: 0,
    counted: 0,
    hours: [] as number[],
  };
  const store = async (samples: readonly unknown[]) => {
    state.statements += 1;
    await state.hang;
    if (state.failing) throw new Error('away');
    state.stored += samples.length;
    return samples.length;
  };
  const openHour = async (hour: number) => void state.hours.push(hour);
  const db = {
    baselineSamples: { store },
    transaction: async (work: (tx: object) => unknown) => await work({ baselineSamples: { openHour } }),
  };
  const created = createSampleWriter({
    db: db as never,
    telemetry: {
      baselineSamplesStored: (count) => {
        state.counted += count;
      },
    },
    log: pino({ level: 'info' }, { write: (line: string) => logged.push(JSON.parse(line).event) }),
    timers: clock,
  });
  const add = (count: number, collectedAtMs = 0) => {
    for (let index = 0; index < count; index += 1) created.add({ series: index, collectedAtMs, numbers: HEALTHY });
  };
  return { ...state, state, clock, logged, add, flush: created.flush };
}

test('the readings of a second are one statement', async () => {
  const { state, clock, add, flush } = writer();
  add(100);
  await clock.tick(900);
  expect(state.statements).toBe(0);
  await clock.tick(100);
  await flush();
  expect(state).toMatchObject({ statements: 1, stored: 100, counted: 100 });
});

test('an hour is opened once, before its first reading', async () => {
  const { state, add, flush } = writer();
  add(2, 3_599_999);
  add(2, 3_600_000);
  await flush();
  add(2, 3_600_001);
  await flush();
  expect(state.hours).toEqual([0, 1]);
});

test('an outage is told when it begins and when it ends; what could not be stored is not counted', async () => {
  const { state, logged, add, flush } = writer();
  state.failing = true;
  for (let second = 0; second < 5; second += 1) {
    add(10);
    await flush();
  }
  state.failing = false;
  add(10);
  await flush();
  expect(logged).toEqual(['baseline_store_failed', 'baseline_store_recovered']);
  expect(state).toMatchObject({ stored: 10, counted: 10 });
});

test('a database that hangs is asked once at a time, and no more than ten thousand readings wait for it', async () => {
  const { state, add, flush } = writer();
  const hanging = Promise.withResolvers<void>();
  state.hang = hanging.promise;
  const turn = async () => await new Promise((resolve) => setImmediate(resolve));
  add(1);
  const first = flush();
  await turn();
  add(12_345);
  const second = flush();
  await turn();
  expect(state.statements).toBe(1);
  hanging.resolve();
  await Promise.all([first, second]);
  expect(state.statements).toBe(2);
  expect(state.stored - 1).toBeLessThanOrEqual(10_000);
  expect(state.stored - 1).toBeGreaterThan(9_000);
});
