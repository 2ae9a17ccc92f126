import { setTimeout as sleep } from 'node:timers/promises';

/** Asks once a second until the answer is truthy; throws after `seconds`. */
export async function waitFor<Value>(probe: () => Promise<Value | null | false>, seconds: number): Promise<Value> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`nothing happened for ${seconds} s`);
    // Well below 100 requests a minute, the service's own limit.
    await sleep(1_000);
  }
}
