/**
 * Seconds before each further attempt. Close together at first, for most receivers are back within a minute; almost 24
 * hours in all, so that an outage that nobody notices before the next morning loses nothing.
 */
export const RETRY_DELAYS_SECONDS: readonly number[] = [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 21_600, 36_000];

/** What a receiver may ask for at the most, seconds. */
const MAX_ASKED_SECONDS = 3_600;

/** When the next attempt is due, epoch milliseconds; null: that was the last. `attempts`: those that failed before this one. */
export function nextAttemptAt(attempts: number, nowMs: number, askedSeconds: number | null): number | null {
  const delay = RETRY_DELAYS_SECONDS[attempts];
  if (delay === undefined) return null;
  return nowMs + 1000 * Math.max(delay, Math.min(askedSeconds ?? 0, MAX_ASKED_SECONDS));
}
