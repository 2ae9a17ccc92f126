import type { Fault } from './faults.ts';
import { faultOf } from './faults.ts';

/** Time and chance, handed in. */
export interface Pace {
  /** Monotonic, milliseconds. */
  now(): number;
  sleep(ms: number): Promise<void>;
  /** 0 to 1. */
  random(): number;
}

const FIRST_MS = 500;
const LONGEST_MS = 10_000;

/**
 * Milliseconds before the next try: doubling, at random between half of it and all, so that a hundred jobs that met the
 * same outage do not come back together. Never sooner than the service asked for.
 */
export function delayMs(attempt: number, retryAfterSeconds: number | null, random: () => number): number {
  const backOff = Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt) * (0.5 + random() / 2);
  if (retryAfterSeconds === null) return backOff;
  return Math.max(backOff, retryAfterSeconds * 1000 * (1 + random() / 10));
}

/**
 * Asks again while the service is away, as long as the next try would begin within `forMs`. Rejects with what the last
 * try rejected with.
 */
export async function withRetries<Value>(
  pace: Pace,
  options: { readonly forMs: number; readonly onRetry: (fault: Fault, inMs: number) => void },
  ask: () => Promise<Value>,
): Promise<Value> {
  const endMs = pace.now() + options.forMs;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      const fault = faultOf(error);
      if (fault?.kind !== 'away') throw error;
      const inMs = delayMs(attempt, fault.retryAfterSeconds, pace.random);
      if (pace.now() + inMs > endMs) throw error;
      options.onRetry(fault, inMs);
      await pace.sleep(inMs);
    }
  }
}
