/**
 * How many endpoints are tested at a time. A test holds a request, and its target decides for how long (5 s at most)
 * and what it costs: 280 hostile ones at once kept the process so busy that its connections to the database timed out.
 */
export interface TestSlots {
  /** Runs the work when there is a slot; null at once when too many wait already. */
  run<Value>(work: () => Promise<Value>): Promise<Value> | null;
}

export const MOST_TESTS = 16;
/** Three rounds of 5 s: within what HTTP clients wait. */
export const MOST_WAITING = 48;
/** Seconds after which a refused caller may ask again. */
export const RETRY_AFTER_SECONDS = 5;

export function createTestSlots(): TestSlots {
  const waiting: (() => void)[] = [];
  let running = 0;

  async function runNow<Value>(work: () => Promise<Value>): Promise<Value> {
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  }

  return {
    run(work) {
      if (running < MOST_TESTS) return runNow(work);
      if (waiting.length >= MOST_WAITING) return null;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      return promise.then(async () => await runNow(work));
    },
  };
}
