import { type Attributes, context } from '@opentelemetry/api';
import { getRPCMetadata, RPCType } from '@opentelemetry/core';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import type { Span } from '@opentelemetry/sdk-trace';
import {
  ATTR_CLIENT_ADDRESS,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_ROUTE,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_QUERY,
} from '@opentelemetry/semantic-conventions';

/** What probes and scrapers ask every few seconds: thousands of spans a day that nobody looks at. */
const UNTRACED_PATH = /^\/(metrics|livez|readyz|db-check|health(\/.*)?)\/?$/;

/**
 * What the library would put on every span and we keep off: `undefined` takes an attribute back. A query string may hold
 * anything. Addresses of callers are personal data, and the library believes whoever writes a forwarding header.
 */
const KEPT_OFF: Attributes = {
  [ATTR_URL_QUERY]: undefined,
  [ATTR_CLIENT_ADDRESS]: undefined,
  [ATTR_NETWORK_PEER_ADDRESS]: undefined,
  [ATTR_NETWORK_PEER_PORT]: undefined,
  [ATTR_SERVER_ADDRESS]: undefined,
  [ATTR_SERVER_PORT]: undefined,
};

/**
 * A server span for every request but probes and scrapes, in the trace of whoever sent a traceparent. It is named after
 * the template of its route (`GET /deployments/{id}`), which noteRoute says; without one it is the method alone.
 * Of headers only the user agent reaches it. The library's metric goes nowhere, since no global meter exists.
 */
export function createServerInstrumentation(): Instrumentation {
  return new HttpInstrumentation({
    // Calls to observed applications go by undici, and the exporters' own are nobody's business.
    disableOutgoingRequestInstrumentation: true,
    ignoreIncomingRequestHook: ({ url }) => isUntraced(url ?? ''),
    startIncomingSpanHook: () => KEPT_OFF,
    applyCustomAttributesOnSpan: (span) => nameUnknownMethod(span as Span),
  });
}

/** The request under way has met the route of this template. */
export function noteRoute(template: string): void {
  const request = getRPCMetadata(context.active());
  if (request?.type === RPCType.HTTP) request.route = template;
}

/** @param target of a request, with or without a query string. */
export function isUntraced(target: string): boolean {
  const query = target.indexOf('?');
  return UNTRACED_PATH.test(query === -1 ? target : target.slice(0, query));
}

/**
 * The library names spans after whatever method was sent; the conventions want `HTTP` for one they do not know.
 * https://opentelemetry.io/docs/specs/semconv/http/http-spans/#name
 */
function nameUnknownMethod(span: Span): void {
  if (span.attributes[ATTR_HTTP_REQUEST_METHOD] !== '_OTHER') return;
  const route = span.attributes[ATTR_HTTP_ROUTE];
  span.updateName(route === undefined ? 'HTTP' : `HTTP ${route}`);
}
