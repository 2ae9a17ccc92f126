import type { Actor, Role } from '../model/operator.ts';
import { audited } from '../operators/audit.ts';
import { auditedBody, readBefore } from './audit-before.ts';
import type { HttpDeps } from './deps.ts';
import { statusOfError } from './problems.ts';
import type { Caller, ParsedRequest, Reply, Route } from './request.ts';

type Described = Pick<Route, 'method' | 'path' | 'access' | 'handle'>;

/** Judging again stores nothing: it is reading. */
const isReading = ({ method, path }: Pick<Route, 'method' | 'path'>) => method === 'GET' || path.endsWith('/rejudge');

/** The least that an operator must be to call a route: viewers read, and say whether a verdict was right. */
export function roleFor(route: Pick<Route, 'method' | 'path'>): Role {
  return isReading(route) || route.path.endsWith('/feedback') ? 'viewer' : 'admin';
}

/** The route's own handler, with a trace of who called it where it changes something. What CI does is no part of it. */
export function withAuditTrail(route: Described): Route['handle'] {
  const { method, path, access, handle } = route;
  const isAudited = (access === 'operator' || access === 'either') && !isReading(route);
  if (!isAudited) return handle;
  return async (deps: HttpDeps, request: ParsedRequest<unknown, unknown, unknown>) =>
    await audited<Reply>(
      deps.operators,
      {
        actor: actorOf(request.caller),
        action: `${method} ${path}`,
        subject: request.params,
        body: auditedBody(route, request.body),
        before: await readBefore(deps, route, request),
      },
      async () => {
        const result = await handle(deps, request);
        return { result, madeId: result.status === 201 ? idOf(result.body) : null, before: result.before };
      },
      statusOfError,
    );
}

export function actorOf(caller: Caller): Actor {
  if (caller.kind === 'project') return { kind: 'project_key', id: caller.projectId, name: 'key of the project' };
  const operator = caller.kind === 'operator' ? caller.operator : undefined;
  if (operator === undefined || operator.id === null) return { kind: 'admin_token', id: null, name: 'admin token' };
  return { kind: 'operator', id: operator.id, name: operator.name };
}

function idOf(body: Reply['body']): string | null {
  const { id } = (typeof body === 'object' ? body : {}) as { readonly id?: unknown };
  return typeof id === 'string' ? id : null;
}
