import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import type { Instruments } from '../model/telemetry.ts';
import type { SourceReader } from '../sources/source.ts';

/** What the sweep is handed. */
export interface SweepDeps {
  /** A pool of its own: a hung sweep must not keep a trigger waiting for a connection, or the other way round. */
  readonly db: Database;
  readonly sources: SourceReader;
  readonly telemetry: Pick<Instruments, 'baselineSamplesStored'>;
  readonly log: Logger;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly timers: Timers;
}

/** The timers of the service's clock, real or set by hand. */
export interface Timers {
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
}
