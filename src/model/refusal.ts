/** What the story may refuse with; http/problems.ts gives each its status and title. */
export const REFUSAL_CODES = [
  'ENV_UNKNOWN',
  'NOT_FOUND',
  'ENDPOINT_MISMATCH',
  'PROJECT_NAME_TAKEN',
  'ENDPOINT_NOT_SET',
  'SOURCE_NOT_SET',
  'OPERATOR_NAME_TAKEN',
  'MAIL_NOT_SET_UP',
  'WRONG_CHANNEL_TYPE',
  'NOTIFICATION_TEST_FAILED',
  'NO_VERDICT',
  'SAMPLES_GONE',
  'HMAC_REFUSED',
  'PREFLIGHT_FAILED',
  'ENDPOINT_TEST_FAILED',
  'ENDPOINT_TESTS_BUSY',
  'SOURCE_TEST_FAILED',
  'PROJECT_ENDPOINT_BLOCKED',
] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** A refusal as data: what lifecycle functions return for the cases that a caller must expect. */
export interface Refusal {
  readonly refused: RefusalCode;
  readonly detail: string;
  /** Of a refusal that passes. */
  readonly retryAfterSeconds?: number;
  /** Where it has several, each of them. */
  readonly faults?: readonly { readonly path: string; readonly message: string }[];
}

export function refuse(refused: RefusalCode, detail: string): Refusal {
  return { refused, detail };
}

export function isRefusal(value: object): value is Refusal {
  return 'refused' in value;
}
