/**
 * Writes docs/api.md from the description of the API (src/http/openapi), which the service answers at /openapi.json.
 * With --check it writes nothing and exits with 1 when the page is not what the table and the schemas say.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { API_VERSION } from '../src/http/openapi/api-version.ts';
import { openApiDocument } from '../src/http/openapi/document.ts';
import { ERRORS } from '../src/http/problems.ts';
import { ROUTES } from '../src/http/routes.ts';
import { apiPage } from './kit/api-page.ts';
import type { ApiDocument } from './kit/api-shapes.ts';

const path = fileURLToPath(new URL('api.md', import.meta.url));
const document = openApiDocument({ routes: ROUTES, version: API_VERSION });
const page = apiPage(document as unknown as ApiDocument, ERRORS);

if (!process.argv.includes('--check')) {
  writeFileSync(path, page);
} else if (currentPage() !== page) {
  console.error('docs/api.md is stale: run `npm run generate` and commit it.');
  process.exitCode = 1;
}

function currentPage(): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
