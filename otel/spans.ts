import type { IncomingMessage, RequestOptions } from 'node:http';
import { type Attributes, context } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { ATTR_URL_FULL, ATTR_URL_QUERY } from '@opentelemetry/semantic-conventions';

/** What probes and scrapers ask every few seconds: thousands of spans a day that nobody looks at. */
const UNTRACED_PATH = /^\/(metrics|livez|readyz|health(\/.*)?)\/?$/;

/**
 * Spans of HTTP in and out, undici and PostgreSQL. They come only into being with traces on: on a bare route
 * instrumentation-http alone halves the requests per second. Their metrics go nowhere, since no global meter exists.
 *
 * Query strings, of callers as of observed applications, may hold tokens; none reaches a span, nor does a user name.
 */
export function createSpanInstrumentations(): Instrumentation[] {
  return [
    new HttpInstrumentation({
      ignoreIncomingRequestHook: isUntraced,
      startIncomingSpanHook: () => ({ [ATTR_URL_QUERY]: undefined }),
      startOutgoingSpanHook: (request) => ({ [ATTR_URL_FULL]: plainUrlOf(request) }),
    }),
    new UndiciInstrumentation({
      // Readings for baselines have no parent: each would be a trace of its own.
      requireParentforSpans: true,
      startSpanHook: ({ origin, path }) => withoutQuery(`${origin}${path}`),
    }),
    // Without it every poll of the job queue would be a trace of its own.
    new PgInstrumentation({ requireParentSpan: true }),
  ];
}

/** Names the span of the request being handled after its route: `GET /deployments/{id}`, set when the span ends. */
export function nameSpanAfterRoute(route: string): void {
  const metadata = getRPCMetadata(context.active());
  if (metadata !== undefined) metadata.route = route;
}

export function isUntraced(request: Pick<IncomingMessage, 'url'>): boolean {
  return UNTRACED_PATH.test((request.url ?? '').replace(/[?#].*$/s, ''));
}

/** Replaces what the instrumentation found: `undefined` keeps an attribute off the span. */
function withoutQuery(url: string): Attributes {
  return { [ATTR_URL_FULL]: stripUrl(url), [ATTR_URL_QUERY]: undefined };
}

function plainUrlOf(request: RequestOptions): string | undefined {
  const { protocol, host, hostname, port, path } = request;
  const authority = `${hostname ?? host ?? 'localhost'}${port ? `:${port}` : ''}`;
  return stripUrl(`${protocol ?? 'http:'}//${authority}${path ?? '/'}`);
}

/** Without user name, password, query and fragment; undefined when it is no URL. */
export function stripUrl(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
