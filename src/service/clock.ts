import type { Logger } from 'pino';
import type { Queryable } from '../db/connection/pool.ts';
import { type ClockWatch, createClockWatch, trustedClock } from '../health/clock-watch.ts';
import { StartError } from '../model/start-error.ts';

const INTERVAL_MS = 60_000;

export interface ClockOptions {
  readonly connection: Queryable;
  readonly limitSeconds: number;
  readonly log: Logger;
  /** A test's hand-set clock, which the database follows. */
  readonly handSet?: (() => number) | undefined;
  /** This machine's clock, epoch milliseconds. Default: the system's. */
  readonly wall?: (() => number) | undefined;
}

/** Compares this machine's clock with the database's, now and every minute. Throws a StartError beyond the limit. */
export async function openClock(options: ClockOptions): Promise<ClockWatch & Disposable> {
  const { connection, limitSeconds, log, handSet, wall = Date.now } = options;
  if (handSet !== undefined) return { ...trustedClock(handSet), [Symbol.dispose]() {} };
  const watch = createClockWatch({ connection, limitSeconds, log, wall, monotonic: () => performance.now() });
  await watch.measure();
  if (watch.state() === 'wrong') {
    throw new StartError(
      `SeqPulse did not start: ${watch.reason()} (at most ${limitSeconds} s, SEQPULSE_MAX_CLOCK_OFFSET_SECONDS): set both by a time server.`,
    );
  }
  const timer = setInterval(() => void watch.measure(), INTERVAL_MS);
  timer.unref();
  return { ...watch, [Symbol.dispose]: () => clearInterval(timer) };
}
