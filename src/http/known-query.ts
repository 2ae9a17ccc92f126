import { z } from 'zod';
import { HttpProblem } from './problems.ts';
import type { Route } from './request.ts';

/** The names of a schema's fields as they are sent. */
export function fieldNames(schema: z.ZodType): readonly string[] {
  // What can't be written as JSON Schema has a name all the same.
  const { properties } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return Object.keys(properties ?? {});
}

/** Refuses what it does not know, among the names of a request's query. */
export type QueryNamesCheck = (query: Readonly<Record<string, unknown>>) => void;

/** Faults that are listed. */
const MAX_LISTED = 20;
/** Characters of a name that are said back. */
const MAX_SAID = 60;

/**
 * A misspelt filter that is passed over answers with what was not asked for, so deployments, projects and their figures
 * are only read with parameters that they know. Open routes pass over what they do not know: probes and scrapers add
 * their own. null: this route does.
 */
export function createQueryNamesCheck(route: Pick<Route, 'method' | 'path' | 'query'>): QueryNamesCheck | null {
  if (route.method !== 'GET' || !/^\/(deployments|projects|dora)(\/|$)/.test(route.path)) return null;
  const known = route.query === undefined ? [] : fieldNames(route.query);
  const message =
    known.length === 0 ? 'is not known: this path takes none' : `is not known; known are ${known.join(', ')}`;
  return (query) => {
    const unknown = Object.keys(query).filter((name) => !known.includes(name));
    if (unknown.length === 0) return;
    throw new HttpProblem('VALIDATION_FAILED', 'The request has faults; each is listed in errors.', {
      faults: unknown.slice(0, MAX_LISTED).map((name) => ({ path: `query.${name.slice(0, MAX_SAID)}`, message })),
    });
  };
}
