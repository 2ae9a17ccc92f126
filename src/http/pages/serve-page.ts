import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Context } from 'koa';
import type { z } from 'zod';
import type { Operator } from '../../model/operator.ts';
import { errorPage } from '../../pages/error-page.ts';
import { onClientGone } from '../client-gone.ts';
import type { HttpDeps } from '../deps.ts';
import { logged } from '../middleware/problem.ts';
import type { RateLimits } from '../middleware/rate-limit.ts';
import { ERRORS } from '../problems.ts';
import type { PageLimits, ParsedRequest, Reply, Route } from '../request.ts';
import { readForm } from './read-form.ts';
import { PageRefusal } from './refusal.ts';
import { checkSameOrigin } from './same-origin.ts';
import { operatorOf } from './session.ts';

const CSP =
  "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** On every answer of a page: redirects, pictures and refusals too. */
const HEADERS = {
  'Content-Security-Policy': CSP,
  'X-Content-Type-Options': 'nosniff',
  // Not `no-referrer`: browsers would then say of a form's origin that it is null.
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
} as const;

/**
 * A page's road: who is signed in → where a form came from → its fields → the handler, which decides what a stranger may
 * see. What is refused is a page as well.
 */
export function createServePage(deps: HttpDeps, limits: RateLimits, definition: Route) {
  const { method, path, handle, body: bodySchema, query: querySchema } = definition;
  return async (ctx: Context, params: Readonly<Record<string, string>>): Promise<void> => {
    ctx.set(HEADERS);
    let operator: Operator | null = null;
    try {
      operator = await operatorOf({ ...deps.pages.sessions, db: deps.lifecycle.db }, ctx);
      if (method === 'POST') checkSameOrigin(ctx, deps.pages.publicUrl);
      const request: ParsedRequest<unknown, unknown> = {
        caller: operator === null ? { kind: 'anyone' } : { kind: 'operator', operator },
        params,
        body: bodySchema === undefined ? undefined : lenient(bodySchema, await readForm(ctx)),
        query: querySchema === undefined ? undefined : lenient(querySchema, firstOf(ctx.query)),
        headers: undefined,
        onClientGone: (callback) => onClientGone(ctx.res, callback),
        page: { operator, href: ctx.url, limits: limitsOf(limits, ctx, path) },
      };
      await send(ctx, await handle(deps, request as never));
    } catch (error) {
      await send(ctx, refusal(deps, ctx, error, operator !== null));
    }
  };
}

function limitsOf(limits: RateLimits, ctx: Context, path: string): PageLimits {
  return {
    signIn: async () => await limits.countSignIn(ctx),
    report: async (id) => await limits.count(`report ${id}`, path),
    forged: async () => await limits.countFailedCredentials(ctx),
  };
}

/** Fields are all optional and fall back: a page is shown for any address that leads to one. */
function lenient<Value>(schema: z.ZodType<Value>, input: Record<string, string>): Value {
  return schema.parse(input);
}

function firstOf(query: Record<string, string | string[] | undefined>): Record<string, string> {
  const first: Record<string, string> = {};
  for (const [name, value] of Object.entries(query)) {
    const text = Array.isArray(value) ? value[0] : value;
    if (text !== undefined && text !== '') first[name] = text;
  }
  return first;
}

function refusal(deps: HttpDeps, ctx: Context, error: unknown, isOperator: boolean): Reply {
  const stylesheet = deps.pages.stylesheet.path;
  if (error instanceof PageRefusal) {
    return page(errorPage({ title: error.title, detail: error.message, stylesheet, isOperator }), error.status);
  }
  const { code, message: detail, headers } = logged(deps.lifecycle.log, ctx, error);
  const { status, title } = ERRORS[code];
  return page(errorPage({ title, detail, stylesheet, isOperator }), status, headers);
}

export function page(html: string, status = 200, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, body: html, contentType: 'text/html; charset=utf-8', headers };
}

export function redirect(location: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status: 303, headers: { Location: location, ...headers } };
}

const compress = promisify(gzip);
/** Bytes from which on packing is worth it. */
const MIN_PACKED = 1_400;

async function send(ctx: Context, reply: Reply): Promise<void> {
  const { response, state } = ctx;
  response.status = reply.status;
  if (reply.deploymentId !== undefined) state.deploymentId = reply.deploymentId;
  if (reply.headers !== undefined) response.set(reply.headers);
  if (typeof reply.body !== 'string') {
    response.body = null;
    response.status = reply.status;
    return;
  }
  response.set('Vary', 'Accept-Encoding');
  if (reply.body.length >= MIN_PACKED && ctx.acceptsEncodings('gzip', 'identity') === 'gzip') {
    response.body = await compress(reply.body, { level: 4 });
    response.set('Content-Encoding', 'gzip');
  } else {
    response.body = reply.body;
  }
  response.set('Content-Type', reply.contentType ?? 'text/plain; charset=utf-8');
}
