import type { TargetOutcome } from '../../model/telemetry.ts';
import type { ReadingCame } from '../source.ts';

export interface TargetHmac {
  /** The shared secret, `spm_…`, in clear. */
  readonly secret: string;
  readonly projectId: string;
}

export interface TargetRequest {
  readonly url: string;
  /** null: unsigned, and none of the X-SeqPulse headers is sent. */
  readonly hmac: TargetHmac | null;
  /** In all: DNS, connect, headers, body. Milliseconds. */
  readonly timeoutMs: number;
  /** Aborts on shutdown; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Expected failures are data. `reason` is one clause for people, about the endpoint ("answered 503", "name does not resolve");
 * it names no internal address and no secret. A URL that is no endpoint at all is `forbidden_address`.
 */
export type TargetReading =
  | ReadingCame
  | {
      readonly outcome: Exclude<TargetOutcome, 'ok'>;
      readonly reason: string;
      /** HTTP status where there was one. */
      readonly status: number | null;
      /** Of a forbidden address: those that the host has and that were refused. Not for the log, nor for CI. */
      readonly addresses?: readonly string[];
    };

export interface TargetClient {
  /** One GET of a metrics endpoint. Never rejects but for `signal`, or after `close`. */
  read(request: TargetRequest): Promise<TargetReading>;
  /** Waits for the reads that run; their deadlines bound it. */
  close(): Promise<void>;
}
