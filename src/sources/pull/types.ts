import type { FailedReading } from '../http/failure-reason.ts';
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

/** Expected failures are data. A URL that is no endpoint at all is `forbidden_address`. */
export type TargetReading = ReadingCame | FailedReading;

export interface TargetClient {
  /** One GET of a metrics endpoint. Never rejects but for `signal`, or after `close`. */
  read(request: TargetRequest): Promise<TargetReading>;
  /** Waits for the reads that run; their deadlines bound it. */
  close(): Promise<void>;
}
