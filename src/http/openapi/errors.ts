import { roleFor } from '../audit-trail.ts';
import { createQueryNamesCheck } from '../known-query.ts';
import { ERRORS, type ErrorCode } from '../problems.ts';
import type { Route } from '../request.ts';
import type { Operation } from './operation.ts';

/** Of whoever needs credentials. */
const CALLER: readonly ErrorCode[] = ['UNAUTHORIZED', 'RATE_LIMITED'];
const BODY: readonly ErrorCode[] = [
  'MALFORMED_JSON',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'VALIDATION_FAILED',
];
/** Of whatever may ask the database. */
const SERVICE: readonly ErrorCode[] = ['INTERNAL_ERROR', 'SERVICE_UNAVAILABLE'];

/** A viewer may not call it. */
const isForbiddenToSome = (route: Route) => route.access === 'operator' && roleFor(route) === 'admin';

/** All that a route may refuse with, in the order of their statuses. */
export function errorsOf(route: Route, { refuses = [] }: Pick<Operation, 'refuses'>): ErrorCode[] {
  const checksInput = route.query !== undefined || route.headers !== undefined || createQueryNamesCheck(route) !== null;
  const codes = new Set<ErrorCode>([
    'MALFORMED_REQUEST',
    ...(route.access === 'open' ? [] : [...CALLER, ...SERVICE]),
    ...(isForbiddenToSome(route) ? (['FORBIDDEN'] as const) : []),
    ...(route.path.includes('{') ? (['NOT_FOUND'] as const) : []),
    ...(route.body === undefined ? [] : BODY),
    ...(checksInput ? (['VALIDATION_FAILED'] as const) : []),
    ...refuses,
  ]);
  return Object.keys(ERRORS).filter((code): code is ErrorCode => codes.has(code as ErrorCode));
}
