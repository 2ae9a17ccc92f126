import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for a state: asks every 50 ms until `probe` gives something, and fails with `what` after `seconds`. */
export async function until<Value>(
  what: string,
  seconds: number,
  probe: () => Promise<Value | null | undefined | false> | Value | null | undefined | false,
): Promise<Value> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`waited ${seconds} s for: ${what}`);
    await sleep(50);
  }
}
