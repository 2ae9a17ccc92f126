import type { Queryable } from '../db/connection/pool.ts';
import type { SchedulerDepth } from '../model/job.ts';
import { readSchedulerDepth } from './scheduler-depth.ts';

/**
 * Where all jobs must be walked over (nobody supervises the queues), that takes as long as they are many (97 ms at
 * 50,000): so it is done the more seldom, and never has more than a hundredth of a connection. By their number, not by
 * the clock: on a busy machine a short count may take long.
 */
const COUNTING_MS_A_JOB = 0.002;
const MAX_SHARE = 0.01;
/** Beyond that a number would be too old to be shown, whatever it costs. */
const LONGEST_INTERVAL_MS = 60_000;
/** Two missed readings: better no value than an old one. */
const VALID_INTERVALS = 2.5;

export interface DepthWatch {
  /** What was last known of the queues, or null when that is too old to be repeated. */
  known(): SchedulerDepth | null;
  /** As it is now; where counting is costly, as it was last known. Throws when the database does not answer. */
  current(): Promise<SchedulerDepth>;
  close(): void;
}

/** Counts in the background, never inside a scrape: a scrape must not wait for the database. */
export function watchSchedulerDepth(deps: {
  readonly connection: Queryable;
  readonly now: () => number;
  /** Milliseconds between two readings that cost next to nothing. */
  readonly intervalMs: number;
}): DepthWatch {
  let last: { depth: SchedulerDepth; atMs: number } | null = null;
  let intervalMs = deps.intervalMs;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const count = async (): Promise<SchedulerDepth> => {
    try {
      const { walked, ...depth } = await readSchedulerDepth(deps.connection, new Date(deps.now()));
      last = { depth, atMs: performance.now() };
      const due = (walked * COUNTING_MS_A_JOB) / MAX_SHARE;
      intervalMs = Math.max(deps.intervalMs, Math.min(LONGEST_INTERVAL_MS, due));
      return depth;
    } catch (error) {
      last = null;
      throw error;
    }
  };
  const known = () =>
    last !== null && performance.now() - last.atMs < VALID_INTERVALS * intervalMs ? last.depth : null;
  const repeat = async () => {
    await count().catch(() => {});
    if (isClosed) return;
    timer = setTimeout(() => void repeat(), intervalMs);
    timer.unref();
  };
  void repeat();

  return {
    known,
    current: async () => (intervalMs > deps.intervalMs ? known() : null) ?? (await count()),
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
