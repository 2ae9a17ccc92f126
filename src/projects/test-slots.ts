/**
 * How many endpoints are tested at a time. A test holds a request, and its target decides for how long (5 s at most)
 * and what it costs: with 280 hostile ones at once, other requests were answered that the database does not answer.
 */
export interface TestSlots {
  /** Runs the work when there is a slot; null at once when too many wait already. */
  run<Value>(work: () => Promise<Value>): Promise<Value> | null;
}

export const MAX_TESTS = 16;
/** Three rounds of 5 s: within what HTTP clients wait. */
export const MAX_WAITING = 48;
/** Seconds after which a refused caller may ask again. */
export const RETRY_AFTER_SECONDS = 5;

export function createTestSlots(): TestSlots {
  const waiting: (() => void)[] = [];
  let running = 0;

  /** Holds a slot already; at its end the next that waits takes it over. */
  async function runInSlot<Value>(work: () => Promise<Value>): Promise<Value> {
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  }

  return {
    run(work) {
      if (running < MAX_TESTS) {
        running += 1;
        return runInSlot(work);
      }
      if (waiting.length >= MAX_WAITING) return null;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      return promise.then(async () => await runInSlot(work));
    },
  };
}
