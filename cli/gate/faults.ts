import { ApiError, UnreachableError } from '../../client/errors.ts';

/** What went wrong with a request, as the exit codes know it. */
export interface Fault {
  /** away: nobody answered, or not as SeqPulse does, or it can't now. */
  readonly kind: 'away' | 'refused' | 'misused';
  /** One line, no key in it. */
  readonly message: string;
  /** Seconds; null: it did not say. */
  readonly retryAfterSeconds: number | null;
}

/** The service answered 200 with something that is not its own: another server listens there. */
export class NotSeqPulse extends Error {
  override readonly name = 'NotSeqPulse';
}

/** Codes that say that what was asked for is wrong. */
const MISUSES = new Set([
  'ENV_UNKNOWN',
  'MALFORMED_JSON',
  'MALFORMED_REQUEST',
  'METHOD_NOT_ALLOWED',
  'NOT_FOUND',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'VALIDATION_FAILED',
]);
/** Without the service's own code these are a gate before it, which refuses; everything else is somebody else's page. */
const GATES = new Set([401, 403, 407]);

/** null: no fault of a request, but a mistake of this program's. */
export function faultOf(error: unknown): Fault | null {
  if (error instanceof UnreachableError || error instanceof NotSeqPulse) return away(error.message, null);
  if (!(error instanceof ApiError)) return null;
  const { status, code, retryAfterSeconds } = error;
  if (status >= 500 || status === 429) return away(error.message, retryAfterSeconds);
  if (code === null && !GATES.has(status)) return away(`${error.message}, but not as SeqPulse does`, null);
  const kind = code !== null && MISUSES.has(code) ? 'misused' : 'refused';
  return { kind, message: error.message, retryAfterSeconds };
}

const away = (message: string, retryAfterSeconds: number | null): Fault => ({
  kind: 'away',
  message,
  retryAfterSeconds,
});
