import type { Logger } from 'pino';
import type { Queryable } from '../db/connection/pool.ts';
import { type ClockWatch, createClockWatch, trustedClock } from '../health/clock-watch.ts';
import { StartError } from '../model/start-error.ts';
import type { ServiceOptions } from './options.ts';

const INTERVAL_MS = 60_000;
/** How often it is looked whether this machine's clock was set or stood still. */
const JUMP_LOOK_MS = 1_000;
const ASK_AGAIN_MS = 500;
/** Milliseconds for a database to say its time at a start. A service that does not know it would act on a wrong one. */
const FIRST_ANSWER_MS = 30_000;

export interface ClockOptions {
  readonly connection: Queryable;
  readonly limitSeconds: number;
  readonly log: Logger;
  /** A test's hand-set clock, which the database follows. */
  readonly handSet?: (() => number) | undefined;
  /** This machine's clock, epoch milliseconds. Default: the system's. */
  readonly wall?: (() => number) | undefined;
}

/** The clock that the service goes by: a test's where it has set one, else this machine's, compared with the database's. */
export async function openServiceClock(
  { config, log, clock, wallClock }: ServiceOptions,
  connection: Queryable,
): Promise<ClockWatch & Disposable> {
  const handSet = clock === undefined ? undefined : () => clock.now();
  return await openClock({ connection, limitSeconds: config.maxClockOffsetSeconds, log, handSet, wall: wallClock });
}

/** Compares this machine's clock with the database's, now and every minute. Throws a StartError beyond the limit. */
export async function openClock(options: ClockOptions): Promise<ClockWatch & Disposable> {
  const { connection, limitSeconds, log, handSet, wall = Date.now } = options;
  if (handSet !== undefined) return { ...trustedClock(handSet), [Symbol.dispose]() {} };
  const watch = createClockWatch({ connection, limitSeconds, log, wall, monotonic: () => performance.now() });
  const startedMs = performance.now();
  await watch.measure();
  while (watch.offsetSeconds() === null) {
    if (performance.now() - startedMs > FIRST_ANSWER_MS) {
      throw new StartError('SeqPulse did not start: the database does not say in time what time it is.');
    }
    await new Promise((resolve) => {
      setTimeout(resolve, ASK_AGAIN_MS);
    });
    await watch.measure();
  }
  if (watch.state() === 'wrong') {
    throw new StartError(
      `SeqPulse did not start: ${watch.reason()} (at most ${limitSeconds} s, SEQPULSE_MAX_CLOCK_OFFSET_SECONDS): set both by a time server.`,
    );
  }
  const timer = setInterval(() => void watch.measure(), INTERVAL_MS).unref();
  const jumps = setInterval(() => {
    if (watch.jumped()) void watch.measure();
  }, JUMP_LOOK_MS).unref();
  return {
    ...watch,
    [Symbol.dispose]() {
      clearInterval(timer);
      clearInterval(jumps);
    },
  };
}
