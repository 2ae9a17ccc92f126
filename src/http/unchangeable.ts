import { isDeepStrictEqual } from 'node:util';
import { HttpProblem } from './problems.ts';

/** Where what PATCH can't change is changed. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  endpoints: 'they follow from PUT /projects/{id}/endpoint and its test',
  hmac_enabled: 'it follows from POST and DELETE /projects/{id}/hmac',
  limits_set: 'it follows from limits',
  feedback: 'it follows from what is said of the verdicts',
};

/**
 * A body may bring back what GET showed; another value for what PATCH can't change would be answered 200 and change
 * nothing. Fields that GET does not show are nobody's, and passed over as everywhere.
 *
 * @param changeable the names that PATCH takes.
 */
export function refuseUnchangeable(
  body: Readonly<Record<string, unknown>>,
  shown: object,
  changeable: readonly string[],
): void {
  const now = new Map(Object.entries(JSON.parse(JSON.stringify(shown)) as Record<string, unknown>));
  const faults = Object.keys(body)
    .filter((name) => now.has(name) && !changeable.includes(name) && !isDeepStrictEqual(body[name], now.get(name)))
    .map((name) => ({ path: name, message: `can’t be changed by PATCH: ${ELSEWHERE[name] ?? 'it stays as it is'}` }));
  if (faults.length === 0) return;
  throw new HttpProblem('VALIDATION_FAILED', 'The request has faults; each is listed in errors.', { faults });
}
