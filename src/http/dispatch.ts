import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { z } from 'zod';
import type { HttpDeps } from './deps.ts';
import { type Authenticated, authenticate } from './middleware/authenticate.ts';
import type { RateLimits } from './middleware/rate-limit.ts';
import { readJson } from './middleware/read-json.ts';
import { HttpProblem } from './problems.ts';
import type { Reply, Route } from './request.ts';

/**
 * Puts the table on a router. Each request goes one way: credentials → body, query, headers → rate → handler, the order
 * of checks that the contract promises (a wrong key wins over a wrong body).
 */
export function createRouter(deps: HttpDeps, limits: RateLimits, routes: readonly Route[]): Middleware {
  const router = new Router();
  const literals = new Map<string, Serve>();
  for (const definition of routes) {
    const { method, path } = definition;
    const pattern = path.replace(/\{(\w+)\}/g, ':$1');
    const serve = createServe(deps, limits, definition);
    router.register(pattern, [method], async (ctx) => {
      // `GET /deployments/trigger` is the wrong method for a path that exists, not a deployment called "trigger".
      if (!matchedLayers(ctx).some((layer) => layer.path === pattern)) refuseUnrouted(ctx);
      await serve(ctx);
    });
    if (pattern === path) literals.set(`${method} ${path}`, serve);
  }
  const routed = router.routes() as Middleware;
  // The router tries every pattern for each request: two thirds of what a short answer costs beyond a bare Koa's.
  return (ctx, next) => literals.get(`${ctx.req.method} ${ctx.request.path}`)?.(ctx) ?? routed(ctx, next);
}

type Serve = (ctx: Context) => Promise<void>;

const NOBODY: Authenticated = { caller: { kind: 'anyone' }, limitKey: null };
const NO_PARAMS: Readonly<Record<string, string>> = {};

function createServe(deps: HttpDeps, limits: RateLimits, definition: Route): Serve {
  const { method, path, access } = definition;
  const limitName = `${method} ${path}`;
  return async (ctx) => {
    ctx.state[TEMPLATE] = path;
    const { caller, limitKey } = access === 'open' ? NOBODY : await authenticate(deps, limits, access, ctx);
    const body = definition.body === undefined ? undefined : parse(definition.body, await bodyOrEmpty(ctx), '');
    const query = definition.query === undefined ? undefined : parse(definition.query, queryOf(ctx), 'query.');
    const headers = definition.headers === undefined ? undefined : parse(definition.headers, ctx.headers, 'header.');
    if (limitKey !== null) await limits.count(limitKey, limitName);
    const params = (ctx.params as Record<string, string> | undefined) ?? NO_PARAMS;
    send(ctx, await definition.handle(deps, { caller, params, body, query, headers }));
  };
}

/** Where a request's state keeps the template of its route. */
const TEMPLATE = 'routeTemplate';

/**
 * The template of the route that a path met, also when the method did not fit (405) or the handler refused;
 * undefined when no route has such a path. To be called after the router has run.
 */
export function matchedTemplate(ctx: Context): string | undefined {
  return ctx.state[TEMPLATE] as string | undefined;
}

/** After the router: a path that is known under other methods is 405 with Allow, any other 404. */
export function refuseUnrouted(ctx: Context): never {
  const layers = matchedLayers(ctx);
  ctx.state[TEMPLATE] = layers.at(-1)?.path.replace(/:(\w+)/g, '{$1}');
  const allowed = [...new Set(layers.flatMap((layer) => layer.methods))].sort();
  if (allowed.length === 0) throw new HttpProblem('NOT_FOUND', 'There is nothing at this path.');
  throw new HttpProblem('METHOD_NOT_ALLOWED', `This path takes ${allowed.join(', ')}.`, {
    headers: { Allow: allowed.join(', ') },
  });
}

interface MatchedLayer {
  readonly path: string;
  readonly methods: readonly string[];
}

/** The routes of this path, whatever their method. A path spelt out in the table hides the templates it would fit. */
function matchedLayers(ctx: Context): readonly MatchedLayer[] {
  const layers = (ctx.matched ?? []) as readonly MatchedLayer[];
  const literal = layers.filter((layer) => !layer.path.includes(':'));
  return literal.length > 0 ? literal : layers;
}

/** On `response` and not on `ctx`, which only passes on: this is on the path of every request. */
function send({ response, state }: Context, reply: Reply): void {
  response.status = reply.status;
  if (reply.deploymentId !== undefined) state.deploymentId = reply.deploymentId;
  if (reply.headers !== undefined) response.set(reply.headers);
  if (typeof reply.body === 'string') {
    response.body = reply.body;
    if (reply.contentType !== undefined) response.set('Content-Type', reply.contentType);
  } else if (reply.body !== undefined) {
    response.set('Content-Type', JSON_TYPE);
    response.body = JSON.stringify(reply.body);
  } else {
    response.body = null;
  }
}

const JSON_TYPE = 'application/json; charset=utf-8';

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
