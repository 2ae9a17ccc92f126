import { setTimeout as sleep } from 'node:timers/promises';

/** How much slower than alone a machine may be that does other things beside. */
export const PATIENCE = 10;

/**
 * Waits for a state: asks every 50 ms until `probe` gives something. Fails with `what` after ten times the `seconds` that
 * it may take on a machine that does nothing else: this is there to end what hangs, not to measure.
 */
export async function until<Value>(
  what: string,
  seconds: number,
  probe: () => Promise<Value | null | undefined | false> | Value | null | undefined | false,
): Promise<Value> {
  const deadline = performance.now() + seconds * PATIENCE * 1000;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`waited ${seconds * PATIENCE} s for: ${what}`);
    await sleep(50);
  }
}
