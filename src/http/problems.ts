/**
 * Every error that a client can meet, in one place: a stable code, its status, its title, and whether the same
 * request may succeed later. `detail` is written where the error arises and is always safe to show.
 */
export const ERRORS = {
  MALFORMED_JSON: { status: 400, title: 'The body is not JSON', retryable: false },
  MALFORMED_REQUEST: { status: 400, title: 'The request can’t be read', retryable: false },
  ENV_UNKNOWN: { status: 400, title: 'The project has no such environment', retryable: false },
  UNAUTHORIZED: { status: 401, title: 'Missing or wrong credentials', retryable: false },
  FORBIDDEN: { status: 403, title: 'Not for this role', retryable: false },
  NOT_FOUND: { status: 404, title: 'Not found', retryable: false },
  METHOD_NOT_ALLOWED: { status: 405, title: 'Method not allowed', retryable: false },
  ENDPOINT_MISMATCH: { status: 409, title: 'The metrics endpoint is not the active one', retryable: false },
  OPERATOR_NAME_TAKEN: { status: 409, title: 'An operator of this name exists', retryable: false },
  PROJECT_NAME_TAKEN: { status: 409, title: 'A project of this name exists', retryable: false },
  SOURCE_NOT_SET: { status: 409, title: 'There is no source to test', retryable: false },
  ENDPOINT_NOT_SET: { status: 409, title: 'There is no endpoint to test', retryable: false },
  MAIL_NOT_SET_UP: { status: 409, title: 'There is no mail server', retryable: false },
  WRONG_CHANNEL_TYPE: { status: 422, title: 'Not for this type of notification', retryable: false },
  NOTIFICATION_TEST_FAILED: { status: 422, title: 'The test message was not delivered', retryable: true },
  NO_VERDICT: { status: 409, title: 'The deployment has no verdict', retryable: false },
  SAMPLES_GONE: { status: 409, title: 'The samples of this verdict are gone', retryable: false },
  PAYLOAD_TOO_LARGE: { status: 413, title: 'The body is too large', retryable: false },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The body must be JSON', retryable: false },
  VALIDATION_FAILED: { status: 422, title: 'The request has faults', retryable: false },
  HMAC_REFUSED: { status: 422, title: 'The application refused the signature', retryable: false },
  PREFLIGHT_FAILED: { status: 422, title: 'The metrics endpoint could not be read', retryable: true },
  ENDPOINT_TEST_FAILED: { status: 422, title: 'The metrics endpoint failed its test', retryable: true },
  SOURCE_TEST_FAILED: { status: 422, title: 'The source failed its test', retryable: true },
  PROJECT_ENDPOINT_BLOCKED: { status: 423, title: 'No active metrics endpoint', retryable: false },
  ENDPOINT_TESTS_BUSY: { status: 429, title: 'Too many endpoint tests are under way', retryable: true },
  RATE_LIMITED: { status: 429, title: 'Too many requests', retryable: true },
  INTERNAL_ERROR: { status: 500, title: 'Internal error', retryable: true },
  TOO_MANY_WAITING: { status: 503, title: 'Too many requests wait already', retryable: true },
  SERVICE_UNAVAILABLE: { status: 503, title: 'Temporarily unavailable', retryable: true },
} as const;

export type ErrorCode = keyof typeof ERRORS;

export interface FieldFault {
  /** Dotted path in the body, `query.` or `path.` in front of what is not the body. */
  readonly path: string;
  readonly message: string;
}

/** Thrown only in http/, and mapped to a problem document at one edge (http/middleware/problem.ts). */
export class HttpProblem extends Error {
  readonly code: ErrorCode;
  readonly headers: Readonly<Record<string, string>>;
  readonly faults: readonly FieldFault[] | null;

  constructor(
    code: ErrorCode,
    detail: string,
    extra: { headers?: Readonly<Record<string, string>>; faults?: readonly FieldFault[] } = {},
  ) {
    super(detail);
    this.name = 'HttpProblem';
    this.code = code;
    this.headers = extra.headers ?? {};
    this.faults = extra.faults ?? null;
  }
}

/** The status that an error becomes when nobody looks closer: a fault of ours is 500. */
export function statusOfError(error: unknown): number {
  return error instanceof HttpProblem ? ERRORS[error.code].status : 500;
}
