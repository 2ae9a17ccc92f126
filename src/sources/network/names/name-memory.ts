import { NameHangsError } from './look-up-errors.ts';

/**
 * How a name's last look-up went: `answers` within the time of a read (also by saying that there is no such name),
 * `hangs` beyond it, or not known yet.
 */
export type NameStanding = 'answers' | 'unknown' | 'hangs';

/** What is known of names from their last look-ups. Holds no address: every read gets one that was looked up for it. */
export interface NameMemory {
  /** What a read of this name is told without a look-up; null: look it up. */
  recall(hostname: string): Error | null;
  standing(hostname: string): NameStanding;
  resolved(hostname: string): void;
  /** A quick no: there is no such name, or the name server said that it can't tell. */
  failed(hostname: string, error: Error): void;
  hung(hostname: string): void;
  /** Names whose last look-up hung, not longer than two minutes ago. */
  hanging(): number;
}

/**
 * A name that failed is not looked up again at once: many projects may have it. Shorter than the 5 s between two
 * readings before a deployment, so that each of them asks.
 */
const FAILED_FOR_MS = 3_000;
/**
 * A name that hung is left alone for this long after its look-up came back: with the 10 s that such a look-up
 * usually takes it holds a lane for a third of the time. Shorter than the first retry of a reading (30 s), so that
 * every retry asks.
 */
const HUNG_FOR_MS = 15_000;
/** Environments are read once a minute: a name that was not asked for twice as long is nobody's any more. */
const TOLD_FOR_MS = 120_000;
/** The least recently looked up are forgotten first. 20,000 environments with a name each; about 3 MB. */
const MAX_NAMES = 20_000;

interface Remembered {
  readonly standing: NameStanding;
  readonly atMs: number;
  readonly error: Error | null;
}

/** `now`: milliseconds of a clock that never steps. */
export function createNameMemory(now: () => number): NameMemory {
  const names = new Map<string, Remembered>();
  /** When each name that hangs was last seen to; what is told is counted here, for `names` is long. */
  const hungAtMs = new Map<string, number>();

  function remember(hostname: string, standing: NameStanding, error: Error | null): void {
    names.delete(hostname);
    names.set(hostname, { standing, atMs: now(), error });
    hungAtMs.delete(hostname);
    if (standing === 'hangs') hungAtMs.set(hostname, now());
    if (names.size <= MAX_NAMES) return;
    for (const oldest of names.keys()) {
      names.delete(oldest);
      hungAtMs.delete(oldest);
      break;
    }
  }

  return {
    recall(hostname) {
      const known = names.get(hostname);
      if (known === undefined) return null;
      const agoMs = now() - known.atMs;
      if (known.standing === 'hangs') return agoMs < HUNG_FOR_MS ? new NameHangsError(HUNG_FOR_MS - agoMs) : null;
      return agoMs < FAILED_FOR_MS ? known.error : null;
    },
    standing: (hostname) => names.get(hostname)?.standing ?? 'unknown',
    resolved: (hostname) => remember(hostname, 'answers', null),
    failed: (hostname, error) => remember(hostname, 'answers', error),
    hung: (hostname) => remember(hostname, 'hangs', null),
    hanging() {
      for (const [hostname, atMs] of hungAtMs) {
        // The oldest come first.
        if (now() - atMs < TOLD_FOR_MS) break;
        hungAtMs.delete(hostname);
      }
      return hungAtMs.size;
    },
  };
}
