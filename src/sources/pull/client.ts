import { createSecureContext, type SecureContext } from 'node:tls';
import { Client } from 'undici';
import type { TargetOutcome } from '../../model/telemetry.ts';
import type { AddressPolicy } from '../network/address-policy.ts';
import { decideLiteral, forbidden, guardedConnector, type ReadPhase } from '../network/guarded-connector.ts';
import { type ResolveHost, shareLookups, systemResolveHost } from '../network/resolve-host.ts';
import { readAnswerBody } from './answer-body.ts';
import { parseMetricsBody } from './body-contract.ts';
import { normalizeEndpoint, slashRedirect } from './endpoint-url.ts';
import { deadlineReading, failed, failureReading, statusReading } from './failure-reason.ts';
import { signatureHeaders } from './signature.ts';
import type { TargetClient, TargetReading, TargetRequest } from './types.ts';

export interface TargetClientDeps {
  readonly allow: AddressPolicy;
  /** Called once for every read that came to an outcome; not for one that `signal` aborted. */
  readonly recordRead?: (read: { outcome: TargetOutcome; durationSeconds: number }) => void;
  /** Headers of the caller's, such as trace context; ours win. Leave it out where undici is instrumented: that adds its own. */
  readonly requestHeaders?: () => Record<string, string>;
  /** Epoch milliseconds, for the signature's timestamp. */
  readonly now: () => number;
  /** A fresh value for every call, for the signature. */
  readonly nonce: () => string;
  readonly userAgent?: string;
  /** Default: the operating system's resolver, on this process's threads: for tools. The service bounds it (network/names/). */
  readonly resolveHost?: ResolveHost;
}

/** node:http's own default; a target that needs more sends something else than metrics. */
const MAX_HEADER_BYTES = 16 * 1024;

/** A body of 64 KiB in chunks of a few bytes, or behind a proxy's early hints, is still far below. */
const MOST_BYTES = 256 * 1024;

/** What a connection is ended with. One for all: undici would make one with a stack each time. */
const READ = new Error('the read is over');

/**
 * Reads observed applications: one GET each, over a connection of its own.
 *
 * Connections are not kept. Reads of one target lie 5 to 60 s apart and servers close idle connections after 5 to 75 s,
 * so a pool for 1,000 deployments would hold 1,000 sockets at both ends, reuse few of them, and lose some of
 * those to the race with the server's closing, which looks like a broken target. And a kept connection would go to
 * the address its name had then, past the check that every attempt owes.
 *
 * `close` waits for running reads, which end by their own deadlines or by `signal`; reading afterwards is a mistake
 * and rejects.
 */
export function createTargetClient(deps: TargetClientDeps): TargetClient {
  const network: Network = {
    resolveHost: shareLookups(deps.resolveHost ?? systemResolveHost),
    secureContext: createSecureContext(),
  };
  const running = new Set<Promise<unknown>>();
  let isClosed = false;

  return {
    async read(request) {
      if (isClosed) throw new Error('target client is closed');
      request.signal?.throwIfAborted();
      // Not `now`: a wall clock may step, and one set by hand stands still while the network does not.
      const startedAtMs = performance.now();
      const reading = readWithinDeadline(deps, network, request);
      running.add(reading);
      try {
        const { outcome } = await reading;
        deps.recordRead?.({ outcome, durationSeconds: (performance.now() - startedAtMs) / 1_000 });
        return await reading;
      } finally {
        running.delete(reading);
      }
    },
    async close() {
      isClosed = true;
      await Promise.allSettled(running);
    },
  };
}

/** Settles at the deadline, or at the abort, whatever the connection is doing then. */
function readWithinDeadline(
  deps: TargetClientDeps,
  network: Network,
  { signal, ...request }: TargetRequest,
): Promise<TargetReading> {
  const endConnection = new AbortController();
  let phase: ReadPhase = 'resolving';
  const onPhase = (reached: ReadPhase) => {
    phase = reached;
  };
  const { promise, resolve, reject } = Promise.withResolvers<TargetReading>();
  const deadline = setTimeout(() => {
    resolve(deadlineReading(phase, request.timeoutMs));
    endConnection.abort();
  }, request.timeoutMs);
  const onAbort = () => {
    reject(signal?.reason);
    endConnection.abort();
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  readOnce(deps, request, { ...network, signal: endConnection.signal, onPhase }).then(resolve, reject);
  return promise.finally(() => {
    clearTimeout(deadline);
    signal?.removeEventListener('abort', onAbort);
  });
}

/** What all reads of one client share. */
interface Network {
  readonly resolveHost: ResolveHost;
  readonly secureContext: SecureContext;
}

interface Attempt extends Network {
  readonly signal: AbortSignal;
  readonly onPhase: (phase: ReadPhase) => void;
}

async function readOnce(
  deps: TargetClientDeps,
  request: Omit<TargetRequest, 'signal'>,
  attempt: Attempt,
): Promise<TargetReading> {
  const endpoint = normalizeEndpoint(request.url);
  if (!endpoint.ok) return failed('forbidden_address', endpoint.reason);
  const url = new URL(endpoint.url);
  const literal = decideLiteral(deps.allow, url);
  if (literal?.allowed === false) {
    return failureReading(forbidden(deps.allow, [url.hostname.replace(/^\[|\]$/g, '')]), null);
  }
  if (literal !== null) attempt.onPhase('connecting');

  // Outside the try: what throws here is a mistake of ours, not of the target.
  const headers = headersOf(deps, request, url);
  const connection = new Client(url.origin, {
    connect: guardedConnector({ allow: deps.allow, mostBytes: MOST_BYTES, ...attempt }),
    maxHeaderSize: MAX_HEADER_BYTES,
    // Says `Connection: close`, so that the target frees its end at once.
    pipelining: 0,
    // undici's clocks measure gaps, not the whole; the deadline rules alone.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  let status: number | null = null;
  try {
    const answer = await connection.request({
      method: 'GET',
      path: `${url.pathname}${url.search}`,
      headers,
    });
    status = answer.statusCode;
    if (status !== 200)
      return statusReading(status, request.hmac !== null, slashRedirect(url, answer.headers.location));
    attempt.onPhase('reading_body');
    const body = await readAnswerBody(answer.body, answer.headers);
    if (!body.ok) return failed('bad_body', body.reason, status);
    // Whatever the content type says: hand-written endpoints often send text/plain, and nothing here is ever displayed.
    const parsed = parseMetricsBody(body.text);
    return parsed.ok
      ? { outcome: 'ok', reading: parsed.reading, leftOut: parsed.leftOut }
      : failed('bad_body', parsed.reason, status);
  } catch (error) {
    return failureReading(error, status);
  } finally {
    // Also ends what has not been read: the rest of a large body, or the body of an error page.
    void connection.destroy(READ);
  }
}

function headersOf(deps: TargetClientDeps, request: Pick<TargetRequest, 'hmac'>, url: URL): Record<string, string> {
  return {
    ...deps.requestHeaders?.(),
    accept: 'application/json',
    'accept-encoding': 'identity',
    'user-agent': deps.userAgent ?? 'SeqPulse',
    ...(request.hmac === null
      ? {}
      : signatureHeaders({ hmac: request.hmac, url, nowMs: deps.now(), nonce: deps.nonce() })),
  };
}
