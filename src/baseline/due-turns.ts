/** One second of one minute: all environments whose phase falls into it. */
export interface Turn {
  /** Unix time / 60. */
  readonly minute: number;
  /** 0..59. */
  readonly second: number;
  /** Epoch milliseconds. */
  readonly startMs: number;
}

/**
 * Seconds that are made up for after a pause (a slow claim, a blocked process). Longer ones leave a hole of one sample:
 * caught up all at once, they would be the burst that the phases are there to avoid.
 */
const MAX_CAUGHT_UP = 5;

/**
 * The turns between the last second looked at and now, oldest first. `lastSecond` (Unix time) is null at the start. After
 * a clock was set back only the current one: what was read already is not due again before its minute comes.
 */
export function dueTurns(lastSecond: number | null, nowMs: number): { readonly turns: Turn[]; readonly upTo: number } {
  const current = Math.floor(nowMs / 1000);
  const wasSetBack = lastSecond !== null && current < lastSecond;
  const first = lastSecond === null || wasSetBack ? current : Math.max(lastSecond + 1, current - MAX_CAUGHT_UP + 1);
  const turns: Turn[] = [];
  for (let second = first; second <= current; second += 1) {
    turns.push({ minute: Math.floor(second / 60), second: second % 60, startMs: second * 1000 });
  }
  return { turns, upTo: current };
}
