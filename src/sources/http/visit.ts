import type { Readable } from 'node:stream';
import type { SecureContext } from 'node:tls';
import { Client, errors, Pool } from 'undici';
import type { AddressPolicy } from '../network/address-policy.ts';
import { decideLiteral, forbidden, guardedConnector, type ReadPhase } from '../network/guarded-connector.ts';
import { type Outgoing, openOutgoing } from '../network/outgoing.ts';
import type { HttpProxy } from '../network/proxy.ts';
import { type ResolveHost, shareLookups, systemResolveHost } from '../network/resolve-host.ts';
import { createTlsSessions, type TlsSessions } from '../network/tls-sessions.ts';
import { readAnswerBody } from './answer-body.ts';
import { deadlineReading, type FailedReading, failed, failureReading } from './failure-reason.ts';

/** node:http's own default; whoever needs more sends something else than numbers. */
const MAX_HEADER_BYTES = 16 * 1024;

/** What a connection is ended with. One for all: undici would make one with a stack each time. */
const READ = new Error('the read is over');

/** What all visits share: who may be connected to, and how names are found. */
export interface Network {
  readonly allow: AddressPolicy;
  readonly resolveHost: ResolveHost;
  readonly secureContext: SecureContext;
  readonly proxy: HttpProxy | null;
  readonly tlsSessions: TlsSessions;
}

export interface NetworkDeps {
  readonly allow: AddressPolicy;
  /** Default: the operating system's resolver, on this process's threads: for tools. The service bounds it (network/names/). */
  readonly resolveHost?: ResolveHost;
  /** Default: the usual authorities, no certificate of our own, no proxy. */
  readonly outgoing?: Outgoing;
}

export function createNetwork({ allow, resolveHost = systemResolveHost, outgoing }: NetworkDeps): Network {
  return {
    allow,
    resolveHost: shareLookups(resolveHost),
    tlsSessions: createTlsSessions(),
    ...(outgoing ?? openOutgoing({})),
  };
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whether the body of an answer with this status is of use. */
  readonly wantsBody: (status: number) => boolean;
}

/** `text` is empty where the body was of no use. */
export interface HttpAnswer {
  readonly outcome: 'answered';
  readonly status: number;
  readonly text: string;
  /** Where a redirect points to. */
  readonly location: string | string[] | undefined;
  readonly retryAfter: string | string[] | undefined;
}

export type Ask = (request: HttpRequest) => Promise<HttpAnswer | FailedReading>;

export interface Visit {
  /** Whom: only its origin is used. */
  readonly url: URL;
  /** In all: DNS, connect, every request of the visit. Milliseconds. */
  readonly timeoutMs: number;
  /** Aborts on shutdown; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Of each answer, on the wire and once unpacked. */
  readonly maxBodyBytes: number;
  /** That the other side may send over each connection in all, headers and framing included. */
  readonly mostBytes: number;
  /** More than one: requests run side by side, and connections are kept for the visit. */
  readonly connections: number;
}

/**
 * One visit to somebody else's server: behind the address guard, within one deadline, over connections of its own that
 * end with it. Settles at the deadline, or at the abort, whatever the connections are doing then. What `work` throws is
 * a mistake of ours and rejects.
 */
export function visit<Result>(
  network: Network,
  { signal, timeoutMs, ...rest }: Visit,
  work: (ask: Ask) => Promise<Result>,
): Promise<Result | FailedReading> {
  const endConnections = new AbortController();
  let phase: ReadPhase = 'resolving';
  const onPhase = (reached: ReadPhase) => {
    phase = reached;
  };
  const { promise, resolve, reject } = Promise.withResolvers<Result | FailedReading>();
  const deadline = setTimeout(() => {
    resolve(deadlineReading(phase, timeoutMs));
    endConnections.abort();
  }, timeoutMs);
  const onAbort = () => {
    reject(signal?.reason);
    endConnections.abort();
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  withConnections(network, rest, { signal: endConnections.signal, onPhase }, work).then(resolve, reject);
  return promise.finally(() => {
    clearTimeout(deadline);
    signal?.removeEventListener('abort', onAbort);
  });
}

async function withConnections<Result>(
  network: Network,
  { url, maxBodyBytes, mostBytes, connections }: Omit<Visit, 'timeoutMs' | 'signal'>,
  attempt: { readonly signal: AbortSignal; readonly onPhase: (phase: ReadPhase) => void },
  work: (ask: Ask) => Promise<Result>,
): Promise<Result | FailedReading> {
  const literal = decideLiteral(network.allow, url);
  if (literal?.allowed === false) {
    return failureReading(forbidden(network.allow, [url.hostname.replace(/^\[|\]$/g, '')]), null);
  }
  if (literal !== null) attempt.onPhase('connecting');
  let brokeBy: Error | null = null;
  const onSocketError = (error: Error) => {
    brokeBy ??= error;
  };
  const tls = url.protocol === 'https:' ? { tlsSession: network.tlsSessions.of(url.origin) } : {};
  const options = {
    connect: guardedConnector({ ...network, ...attempt, ...tls, onSocketError, mostBytes }),
    maxHeaderSize: MAX_HEADER_BYTES,
    // undici's clocks measure gaps, not the whole; the deadline rules alone.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const dispatcher =
    connections === 1
      ? // Ended below, which frees the server's end as well: told `Connection: close`, undici makes an error with a stack.
        new Client(url.origin, { ...options, pipelining: 1 })
      : new Pool(url.origin, { ...options, connections });
  try {
    return await work(async ({ wantsBody, ...request }) => {
      let status: number | null = null;
      try {
        const answer = await dispatcher.request(request);
        status = answer.statusCode;
        const { location, 'retry-after': retryAfter } = answer.headers;
        if (!wantsBody(status)) {
          leave(answer.body);
          return { outcome: 'answered', status, text: '', location, retryAfter };
        }
        attempt.onPhase('reading_body');
        const body = await readAnswerBody(answer.body, answer.headers, maxBodyBytes);
        if (body.ok) return { outcome: 'answered', status, text: body.text, location, retryAfter };
        leave(answer.body);
        return failed('bad_body', body.reason, status);
      } catch (error) {
        const isClosed = error instanceof errors.SocketError && brokeBy !== null;
        return failureReading(isClosed ? brokeBy : error, status);
      }
    });
  } finally {
    // Also ends what has not been read: the rest of a large body, or the body of an error page.
    void dispatcher.destroy(READ);
  }
}

/** The rest is read by nobody: it would keep the next request of the visit waiting. Ends its connection. */
function leave(body: Readable): void {
  body.on('error', () => {});
  body.destroy();
}
