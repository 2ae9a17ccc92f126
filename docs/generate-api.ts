/**
 * Writes docs/api.md from the description of the API (src/http/openapi), which the service answers at /openapi.json, or
 * with --check says whether it is current.
 */
import { writeOrCheck } from '../scripts/generated-file.ts';
import { API_VERSION } from '../src/http/openapi/api-version.ts';
import { openApiDocument } from '../src/http/openapi/document.ts';
import { ERRORS } from '../src/http/problems.ts';
import { ROUTES } from '../src/http/routes.ts';
import { apiPage } from './kit/api-page.ts';
import type { ApiDocument } from './kit/api-shapes.ts';

const document = openApiDocument({ routes: ROUTES, version: API_VERSION });
writeOrCheck('docs/api.md', apiPage(document as unknown as ApiDocument, ERRORS));
