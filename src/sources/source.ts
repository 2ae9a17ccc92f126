import type { Reading } from '../model/sample.ts';
import type { Source } from '../model/source.ts';
import type { TargetOutcome } from '../model/telemetry.ts';

export interface ReadingCame {
  readonly outcome: 'ok';
  readonly reading: Reading;
  /** For people: a clause for each number that was left out ("cpu_usage is 1.02, expected 0..1"). */
  readonly leftOut: readonly string[];
}

/** What came of asking a source. Expected failures are data; `reason` is one clause for people, without secrets. */
export type SourceReading =
  | ReadingCame
  | {
      readonly outcome: Exclude<TargetOutcome, 'ok'>;
      readonly reason: string;
      /** HTTP status where there was one. */
      readonly status: number | null;
      /** Of a forbidden address: those that the host has and that were refused. For operators alone. */
      readonly addresses?: readonly string[];
      /** It refuses who we are, by our signature: asking again the same way is in vain. */
      readonly refusesUs: boolean;
    };

export interface ReadOptions {
  /** In all, milliseconds. Default: 5 s (docs/contract.md, What an observed application serves). */
  readonly timeoutMs?: number;
  /** Aborts on shutdown; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The seam: whoever wants a sample asks this and never sees how its source is spoken to. */
export interface SourceReader {
  /** The sample of now. Never rejects but for `signal`, or after the service closed its connections. */
  readNow(source: Source, options?: ReadOptions): Promise<SourceReading>;
}
