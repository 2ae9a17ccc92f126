import type { Queryable } from '../db/connection/pool.ts';

/** Seconds from which a wrong clock is told. */
const TOLD_SECONDS = 5;
/** Milliseconds. Less is what a round trip may hide, and is not corrected. */
const MIN_CORRECTION_MS = 250;
/** Milliseconds. A measurement that took longer says nothing. */
const LONGEST_ROUND_TRIP_MS = 2_000;
/** Milliseconds between the two clocks of this machine from which one of them was set, or stood still. */
const JUMP_MS = 1_000;
/** Measurements at a start; the quickest counts. */
const START_MEASUREMENTS = 3;
/** Milliseconds after which an offset that could not be measured again is not known any more. */
const KNOWN_FOR_MS = 180_000;

export interface ClockWatch {
  /**
   * Epoch milliseconds by the database's clock, as far as it is known: jobs fall due by that one, and replicas with
   * clocks of their own agree on it. Goes on evenly when this machine's clock is set between two measurements.
   */
  now(): number;
  /** The database's clock minus this machine's, in seconds; null when it is not known. */
  offsetSeconds(): number | null;
  /** `wrong`: beyond the limit, where this replica should do nothing. */
  state(): 'right' | 'told' | 'wrong';
  /**
   * Whether this machine's clock was set since the last measurement, or the machine slept: its evenly running clock stands
   * still meanwhile, and what `now` says is not to be acted on before the next measurement.
   */
  jumped(): boolean;
  /** One clause for people, or null when there is nothing to say. */
  reason(): string | null;
  /** Compares the clocks; keeps what was known when the database does not answer. */
  measure(): Promise<void>;
}

/** What is used of a logger. */
type Tell = (fields: object, message: string) => void;
export type ClockLog = Readonly<Record<'info' | 'warn' | 'error', Tell>>;

export interface ClockWatchDeps {
  readonly connection: Queryable;
  /** This machine's clock, epoch milliseconds. */
  readonly wall: () => number;
  /** Milliseconds since anywhere, of a clock that nobody sets. */
  readonly monotonic: () => number;
  readonly limitSeconds: number;
  readonly log: ClockLog;
}

export function createClockWatch(deps: ClockWatchDeps): ClockWatch {
  const { connection, wall, monotonic, limitSeconds, log } = deps;
  /** What makes the monotonic clock this machine's, and that the database's. */
  let baseMs = wall() - monotonic();
  let correctionMs = 0;
  let known: { offsetMs: number; uncertainMs: number; atMs: number } | null = null;
  let told: 'right' | 'told' | 'wrong' = 'right';

  async function measureOnce(): Promise<{ offsetMs: number; uncertainMs: number } | null> {
    const startedMs = monotonic();
    const ownMs = wall();
    const { rows } = await connection.query<{ ms: number }>(
      'select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms',
    );
    const roundTripMs = monotonic() - startedMs;
    const ms = rows[0]?.ms;
    if (ms === undefined || roundTripMs > LONGEST_ROUND_TRIP_MS) return null;
    return { offsetMs: ms - (ownMs + roundTripMs / 2), uncertainMs: roundTripMs / 2 };
  }

  function take(measured: { offsetMs: number; uncertainMs: number }): void {
    known = { ...measured, atMs: monotonic() };
    baseMs = wall() - monotonic();
    if (Math.abs(measured.offsetMs - correctionMs) > MIN_CORRECTION_MS + measured.uncertainMs) {
      correctionMs = Math.abs(measured.offsetMs) > MIN_CORRECTION_MS ? measured.offsetMs : 0;
    }
    tell();
  }

  /** Without what the round trip may have added. */
  const surelyOffSeconds = () =>
    known === null ? 0 : Math.max(0, Math.abs(known.offsetMs) - known.uncertainMs) / 1000;

  function state(): 'right' | 'told' | 'wrong' {
    if (surelyOffSeconds() > limitSeconds) return 'wrong';
    return surelyOffSeconds() > Math.min(TOLD_SECONDS, limitSeconds) ? 'told' : 'right';
  }

  function reason(): string | null {
    if (known === null || state() === 'right') return null;
    const seconds = Math.abs(known.offsetMs / 1000).toFixed(1);
    return `this machine’s clock is ${seconds} s ${known.offsetMs > 0 ? 'behind' : 'ahead of'} the database’s`;
  }

  function tell(): void {
    const state_ = state();
    if (state_ === told) return;
    told = state_;
    const offset_seconds = (known?.offsetMs ?? 0) / 1000;
    if (state_ === 'right') log.info({ event: 'clock_right_again', offset_seconds }, 'the clocks agree again');
    else if (state_ === 'told') log.warn({ event: 'clock_wrong', offset_seconds }, reason() ?? '');
    else {
      log.error(
        { event: 'clock_wrong', offset_seconds, limit_seconds: limitSeconds },
        `${reason()}: no jobs are taken until it is right`,
      );
    }
  }

  return {
    now: () => Math.round(baseMs + monotonic() + correctionMs),
    offsetSeconds: () => (known === null || monotonic() - known.atMs > KNOWN_FOR_MS ? null : known.offsetMs / 1000),
    state,
    jumped: () => Math.abs(wall() - (baseMs + monotonic())) > JUMP_MS,
    reason,
    async measure() {
      let best: { offsetMs: number; uncertainMs: number } | null = null;
      for (let run = 0; run < (known === null ? START_MEASUREMENTS : 1); run += 1) {
        const measured = await measureOnce().catch(() => null);
        if (measured !== null && measured.uncertainMs < (best?.uncertainMs ?? Number.POSITIVE_INFINITY))
          best = measured;
      }
      if (best !== null) take(best);
    },
  };
}

/** For tests that set the clock by hand: the database follows it, and there is nothing to compare. */
export function trustedClock(now: () => number): ClockWatch {
  return {
    now,
    offsetSeconds: () => 0,
    state: () => 'right',
    jumped: () => false,
    reason: () => null,
    measure: async () => {},
  };
}
