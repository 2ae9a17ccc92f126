import type { Context, Middleware } from 'koa';
import type { z } from 'zod';
import { roleFor, withAuditTrail } from './audit-trail.ts';
import { onClientGone } from './client-gone.ts';
import type { HttpDeps } from './deps.ts';
import { JSON_TYPE } from './json-type.ts';
import { createQueryNamesCheck } from './known-query.ts';
import { createRouteMatcher, noteTemplate, serveOf } from './match.ts';
import { type Authenticated, authenticate } from './middleware/authenticate.ts';
import type { RateLimits } from './middleware/rate-limit.ts';
import { readJson } from './middleware/read-json.ts';
import { createServeMetrics } from './otlp/serve-metrics.ts';
import { createServePage } from './pages/serve-page.ts';
import { HttpProblem } from './problems.ts';
import type { Reply, Route } from './request.ts';

type Serve = (ctx: Context, params: Readonly<Record<string, string>>) => Promise<void>;

/**
 * Serves the table. Each request goes one way: credentials → body, query, headers → rate → handler, the order of checks
 * that the contract promises (a wrong key wins over a wrong body). Nothing comes after it: what no route takes is
 * refused here.
 *
 * @param noteRoute names the request's span after its route; null: it has none.
 */
export function createRouter(
  deps: HttpDeps,
  limits: RateLimits,
  routes: readonly Route[],
  noteRoute: ((template: string) => void) | null,
): Middleware {
  const match = createRouteMatcher<Serve>(
    routes.map((route) => ({ method: route.method, path: route.path, serve: createServe(deps, limits, route) })),
  );
  // What it throws, koa-compose turns into a rejection.
  return (ctx) => {
    const found = match(ctx.request.path);
    if (found !== null) {
      noteTemplate(ctx, found.resource.template);
      noteRoute?.(found.resource.template);
    }
    return serveOf(found, ctx.req.method ?? '')(ctx, found?.params ?? NO_PARAMS);
  };
}

const NOBODY: Authenticated = { caller: { kind: 'anyone' }, limitKey: null };
const NO_PARAMS: Readonly<Record<string, string>> = {};

function createServe(deps: HttpDeps, limits: RateLimits, definition: Route): Serve {
  const { method, path, access } = definition;
  if (access === 'page') return createServePage(deps, limits, definition);
  if (access === 'otlp') return createServeMetrics(deps, limits);
  const limitName = `${method} ${path}`;
  const checkQueryNames = createQueryNamesCheck(definition);
  const needs = roleFor(definition);
  const handle = withAuditTrail(definition);
  return async (ctx, params) => {
    const { caller, limitKey } = access === 'open' ? NOBODY : await authenticate(deps, limits, access, needs, ctx);
    const body = definition.body === undefined ? undefined : parse(definition.body, await bodyOrEmpty(ctx), '');
    checkQueryNames?.(ctx.query);
    const query = definition.query === undefined ? undefined : parse(definition.query, queryOf(ctx), 'query.');
    const headers = definition.headers === undefined ? undefined : parse(definition.headers, ctx.headers, 'header.');
    if (limitKey !== null) await limits.count(limitKey, limitName);
    send(
      ctx,
      await handle(deps, {
        caller,
        params,
        body,
        query,
        headers,
        onClientGone: (callback) => onClientGone(ctx.res, callback),
      }),
    );
  };
}

/**
 * On `response` and `res`, not on `ctx`, which only passes on: this is on the path of every request, and Koa's own `set`
 * looks at each header again.
 */
function send({ response, res, state }: Context, reply: Reply): void {
  response.status = reply.status;
  if (reply.deploymentId !== undefined) state.deploymentId = reply.deploymentId;
  if (reply.waitedMs !== undefined) state.waitedMs = reply.waitedMs;
  for (const name in reply.headers) res.setHeader(name, reply.headers[name] as string);
  if (typeof reply.body === 'string') {
    response.body = reply.body;
    if (reply.contentType !== undefined) response.set('Content-Type', reply.contentType);
  } else if (reply.body !== undefined) {
    res.setHeader('Content-Type', JSON_TYPE);
    response.body = JSON.stringify(reply.body);
  } else {
    response.body = null;
  }
}

function parse<Value>(schema: z.ZodType<Value>, input: unknown, prefix: string): Value {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.slice(0, 20).map((issue) => ({
    path: `${prefix}${issue.path.join('.')}` || 'body',
    message: issue.message,
  }));
  throw new HttpProblem('VALIDATION_FAILED', 'The request has faults; each is listed in errors.', { faults });
}

/** No body at all is an empty object: routes whose fields are all optional need none. */
async function bodyOrEmpty(ctx: Context): Promise<unknown> {
  const body = await readJson(ctx);
  return body === undefined ? {} : body;
}

/** A parameter given twice is a mistake somewhere: it is shown as such, not cut to one. */
function queryOf(ctx: Context): Record<string, unknown> {
  const query: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(ctx.query)) {
    if (value !== undefined && value !== '') query[name] = value;
  }
  return query;
}
