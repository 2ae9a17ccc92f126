import type { HttpDeps } from '../deps.ts';
import type { Reply } from '../request.ts';

const CACHED = { 'Cache-Control': 'public, max-age=300' } as const;

export async function readOpenApi(deps: HttpDeps): Promise<Reply> {
  return { status: 200, headers: CACHED, contentType: 'application/json; charset=utf-8', body: deps.openApi() };
}
