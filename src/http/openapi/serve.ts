import { ROUTES } from '../routes.ts';
import { API_VERSION } from './api-version.ts';
import { openApiDocument } from './document.ts';

/** The description as JSON, made when it is first asked for: it takes some milliseconds, and few ask. */
export function createOpenApi(): () => string {
  let made: string | null = null;
  return () => {
    made ??= JSON.stringify(openApiDocument({ routes: ROUTES, version: API_VERSION }));
    return made;
  };
}
