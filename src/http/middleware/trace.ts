import { type Attributes, context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Context, Middleware } from 'koa';
import { matchedTemplate } from '../match.ts';

/** What probes and scrapers ask every few seconds: thousands of spans a day that nobody looks at. */
const UNTRACED_PATH = /^\/(metrics|livez|readyz|db-check|health(\/.*)?)\/?$/;

/** https://opentelemetry.io/docs/specs/semconv/registry/attributes/http: any other method is `_OTHER`. */
const KNOWN_METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']);

/**
 * A server span for every request but probes and scrapes, in the trace of whoever sent a traceparent. It is named
 * after the route's template (`GET /deployments/{id}`), never after the path. Neither query string, body nor any
 * header but the user agent reaches it.
 *
 * Why not instrumentation-http: it costs four times as much a request, those that it ignores included (bench/telemetry).
 */
export function traceRequests(): Middleware {
  const tracer = trace.getTracer('seqpulse');
  return async (ctx, next) => {
    if (isUntraced(ctx.path)) return await next();
    const parent = propagation.extract(context.active(), ctx.headers);
    const method = KNOWN_METHODS.has(ctx.method) ? ctx.method : '_OTHER';
    const span = tracer.startSpan(method, { kind: SpanKind.SERVER, attributes: attributesOf(ctx, method) }, parent);
    try {
      await context.with(trace.setSpan(parent, span), next);
    } finally {
      const route = matchedTemplate(ctx);
      if (route !== undefined) {
        span.setAttribute('http.route', route);
        span.updateName(`${method} ${route}`);
      }
      span.setAttribute('http.response.status_code', ctx.status);
      if (ctx.status >= 500) {
        span.setAttribute('error.type', String(ctx.status));
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      span.end();
    }
  };
}

/** @param path without query string. */
export function isUntraced(path: string): boolean {
  return UNTRACED_PATH.test(path);
}

function attributesOf(ctx: Context, method: string): Attributes {
  const userAgent = ctx.headers['user-agent'];
  return {
    'http.request.method': method,
    'url.path': ctx.path,
    'url.scheme': 'http',
    ...(userAgent === undefined ? {} : { 'user_agent.original': userAgent }),
  };
}
