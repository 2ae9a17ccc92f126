import type { z } from 'zod';
import type { Operator } from '../model/operator.ts';
import type { HttpDeps } from './deps.ts';

/** Who calls: CI with a project's key, an operator with the admin token, or nobody in particular. */
export type Caller =
  | { readonly kind: 'project'; readonly projectId: string }
  /** `operator` left out: the admin token. */
  | { readonly kind: 'operator'; readonly operator?: Operator }
  | { readonly kind: 'anyone' };

/**
 * `ci` and `operator` never open each other's routes; `either` takes both; `page`: people, by cookie or signed link; `otlp`:
 * what pushes measurements, with CI's key, and is answered as OTLP says.
 */
export type Access = 'ci' | 'operator' | 'either' | 'open' | 'page' | 'otlp';

/** A parsed request, as a handler sees it. */
export interface ParsedRequest<Body, Query, Headers = undefined> {
  readonly caller: Caller;
  readonly params: Readonly<Record<string, string>>;
  readonly body: Body;
  readonly query: Query;
  readonly headers: Headers;
  /** Calls back when the client has gone away, or has its answer. */
  readonly onClientGone: (callback: () => void) => void;
  /** Of pages alone. */
  readonly page?: PageContext;
}

/** What a page's handler decides by. */
export interface PageContext {
  /** null: nobody is signed in. */
  readonly operator: Operator | null;
  /** The address that was asked for: path and query. */
  readonly href: string;
  readonly limits: PageLimits;
}

/** Each throws RATE_LIMITED. */
export interface PageLimits {
  readonly signIn: () => Promise<{ readonly left: number; readonly succeeded: () => Promise<void> }>;
  /** A report was asked for without signing in. */
  readonly report: (id: string) => Promise<void>;
  /** With a key that is none. */
  readonly forged: () => Promise<void>;
}

export interface Reply {
  readonly status: number;
  /** Objects go out as JSON; a string needs `contentType`; absent = no content. */
  readonly body?: object | string;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** For the log line of this request. */
  readonly deploymentId?: string;
  /** How what it changed stood until then, by the names that the change was sent with: for the audit trail. */
  readonly before?: object | undefined;
  /** Of its time, milliseconds in which it waited because it was asked to: no part of how long answers take. */
  readonly waitedMs?: number;
}

export interface Route<Body = unknown, Query = unknown, Headers = unknown> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Template with braces, as metrics, spans and docs show it: `/deployments/{id}`. */
  readonly path: string;
  readonly access: Access;
  readonly body?: z.ZodType<Body>;
  readonly query?: z.ZodType<Query>;
  /** Sees all headers, their names in lower case. */
  readonly headers?: z.ZodType<Headers>;
  /** What a 2xx answers. Nothing is checked by it when answering: tests and documents are. */
  readonly response?: z.ZodType;
  readonly handle: (deps: HttpDeps, request: ParsedRequest<Body, Query, Headers>) => Promise<Reply>;
}

/** Ties a route's schemas to its handler's types; the table then holds them all as one type. */
export function route<Body = undefined, Query = undefined, Headers = undefined>(
  definition: Route<Body, Query, Headers>,
): Route {
  return definition as unknown as Route;
}
