import createMatcher from 'find-my-way';
import type { Context } from 'koa';
import { HttpProblem } from './problems.ts';

/** What is served at one path, method by method. */
export interface Resource<Serve> {
  /** With braces: `/deployments/{id}`. */
  readonly template: string;
  readonly byMethod: ReadonlyMap<string, Serve>;
}

/** A path's resource and the values of the template's parameters, decoded. */
export interface Match<Serve> {
  readonly resource: Resource<Serve>;
  readonly params: Readonly<Record<string, string>>;
}

/** null: no route has such a path. */
export type Matcher<Serve> = (path: string) => Match<Serve> | null;

/** Longer paths never arrive: node:http refuses them with their headers. */
const MAX_PARAM_LENGTH = 16 * 1024;

/**
 * Finds by path alone; the methods of a path are looked up in what was found. So a path spelt out in the table hides the
 * templates it would fit, whatever the method: `GET /deployments/trigger` is the wrong method for a path that exists,
 * not a deployment called "trigger". A slash at the end and upper case make no other path.
 */
export function createRouteMatcher<Serve>(
  routes: readonly { readonly method: string; readonly path: string; readonly serve: Serve }[],
): Matcher<Serve> {
  const matcher = createMatcher({
    ignoreTrailingSlash: true,
    caseSensitive: false,
    maxParamLength: MAX_PARAM_LENGTH,
  });
  for (const [template, group] of Map.groupBy(routes, ({ path }) => path)) {
    const byMethod = new Map(group.map(({ method, serve }) => [method, serve]));
    const get = byMethod.get('GET');
    if (get !== undefined) byMethod.set('HEAD', get);
    const resource: Resource<Serve> = { template, byMethod };
    matcher.on(ANY_METHOD, template.replace(/\{(\w+)\}/g, ':$1'), () => {}, resource);
  }
  return (path) => {
    // find-my-way passes over the first character and a last slash, and so would take `*` and `//` for `/`.
    if (path[0] !== '/' || path[1] === '/') return null;
    const found = matcher.find(ANY_METHOD, path.includes('%') ? decodable(path) : path);
    if (found === null) return null;
    const params = found.params as Record<string, string>;
    // `/deployments//metrics` has no id.
    for (const name in params) if (params[name] === '') return null;
    return { resource: found.store as Resource<Serve>, params };
  };
}

/** find-my-way keeps a tree for each method; one suffices. */
const ANY_METHOD = 'GET';

/** What is no UTF-8 when decoded (`%ff`) stands for itself: a name that nothing has, not a broken request. */
function decodable(path: string): string {
  try {
    decodeURI(path);
    return path;
  } catch {
    return path.replaceAll('%', '%25');
  }
}

/** Throws NOT_FOUND for a path that no route has, METHOD_NOT_ALLOWED with `Allow` for one that has other methods. */
export function serveOf<Serve>(match: Match<Serve> | null, method: string): Serve {
  if (match === null) throw new HttpProblem('NOT_FOUND', 'There is nothing at this path.');
  const { byMethod } = match.resource;
  const serve = byMethod.get(method);
  if (serve !== undefined) return serve;
  const allowed = [...byMethod.keys()].sort().join(', ');
  throw new HttpProblem('METHOD_NOT_ALLOWED', `This path takes ${allowed}.`, { headers: { Allow: allowed } });
}

/** Where a request's state keeps the template of its route. */
const TEMPLATE = 'routeTemplate';

/** Notes the template of the route that a request met. */
export function noteTemplate(ctx: Context, template: string): void {
  ctx.state[TEMPLATE] = template;
}

/**
 * `http.route`: the template of the route that a request met, also when the method did not fit (405) or the handler
 * refused; undefined when no route has such a path. To be called after the router has run.
 */
export function matchedTemplate(ctx: Context): string | undefined {
  return ctx.state[TEMPLATE] as string | undefined;
}
