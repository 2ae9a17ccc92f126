import type { Attributes } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { ATTR_URL_FULL, ATTR_URL_QUERY } from '@opentelemetry/semantic-conventions';

/**
 * Spans of calls by undici, to observed applications. Those of requests are instrumentation-http's (server-spans.ts), of
 * jobs and statements the service's own (src/tracing). The library's metrics go nowhere, since no global meter exists.
 *
 * Query strings of observed applications may hold tokens; none reaches a span, nor does a user name.
 */
export function createClientInstrumentation(): Instrumentation {
  return new UndiciInstrumentation({
    // Readings for baselines have no parent: each would be a trace of its own.
    requireParentforSpans: true,
    startSpanHook: ({ origin, path }) => withoutQuery(`${origin}${path}`),
  });
}

/** Replaces what the instrumentation found: `undefined` keeps an attribute off the span. */
function withoutQuery(url: string): Attributes {
  return { [ATTR_URL_FULL]: stripUrl(url), [ATTR_URL_QUERY]: undefined };
}

/** Without user name, password, query and fragment; undefined when it is no URL. */
export function stripUrl(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
