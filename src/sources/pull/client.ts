import type { TargetOutcome } from '../../model/telemetry.ts';
import { failed, statusReading } from '../http/failure-reason.ts';
import { createNetwork, type Network, type NetworkDeps, visit } from '../http/visit.ts';
import { parseMetricsBody } from './body-contract.ts';
import { normalizeEndpoint, slashRedirect } from './endpoint-url.ts';
import { signatureHeaders } from './signature.ts';
import type { TargetClient, TargetReading, TargetRequest } from './types.ts';

export interface TargetClientDeps extends NetworkDeps {
  /** Called once for every read that came to an outcome; not for one that `signal` aborted. */
  readonly recordRead?: (read: { outcome: TargetOutcome; durationSeconds: number }) => void;
  /** Headers of the caller's, such as trace context; ours win. Leave it out where undici is instrumented: that adds its own. */
  readonly requestHeaders?: () => Record<string, string>;
  /** Epoch milliseconds, for the signature's timestamp. */
  readonly now: () => number;
  /** A fresh value for every call, for the signature. */
  readonly nonce: () => string;
  readonly userAgent?: string;
}

/** Five numbers need 200 bytes; 64 KiB leaves room for whatever else an application puts beside them. */
const MAX_BODY_BYTES = 64 * 1024;
/** A body of 64 KiB in chunks of a few bytes, or behind a proxy's early hints, is still far below. */
const MAX_BYTES = 256 * 1024;

/**
 * Reads observed applications: one GET each, over a connection of its own.
 *
 * Connections are not kept. Reads of one target lie 5 to 60 s apart and servers close idle connections after 5 to 75 s,
 * so a pool for 1,000 deployments would hold 1,000 sockets at both ends, reuse few of them, and lose some of
 * those to the race with the server's closing, which looks like a broken target. And a kept connection would go to
 * the address its name had then, past the check that every attempt owes. TLS sessions are kept (network/tls-sessions.ts):
 * they spare the next read the checking of certificates and hold no socket.
 *
 * `close` waits for running reads, which end by their own deadlines or by `signal`; reading afterwards is a mistake
 * and rejects.
 */
export function createTargetClient(deps: TargetClientDeps): TargetClient {
  const network = createNetwork(deps);
  const running = new Set<Promise<unknown>>();
  let isClosed = false;

  return {
    async read(request) {
      if (isClosed) throw new Error('target client is closed');
      request.signal?.throwIfAborted();
      // Not `now`: a wall clock may step, and one set by hand stands still while the network does not.
      const startedAtMs = performance.now();
      const reading = readOnce(deps, network, request);
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

async function readOnce(deps: TargetClientDeps, network: Network, request: TargetRequest): Promise<TargetReading> {
  const endpoint = normalizeEndpoint(request.url);
  if (!endpoint.ok) return failed('forbidden_address', endpoint.reason);
  const url = new URL(endpoint.url);
  const { timeoutMs, signal } = request;
  const whole = { url, timeoutMs, signal, maxBodyBytes: MAX_BODY_BYTES, mostBytes: MAX_BYTES, connections: 1 };
  return await visit(network, whole, async (ask) => {
    const answer = await ask({
      method: 'GET',
      path: `${url.pathname}${url.search}`,
      headers: headersOf(deps, request, url),
      wantsBody: (status) => status === 200,
    });
    if (answer.outcome !== 'answered') return answer;
    const { status, text, location } = answer;
    if (status !== 200) return statusReading(status, request.hmac !== null, slashRedirect(url, location));
    // Whatever the content type says: hand-written endpoints often send text/plain, and nothing here is ever displayed.
    const parsed = parseMetricsBody(text);
    return parsed.ok
      ? { outcome: 'ok', reading: parsed.reading, leftOut: parsed.leftOut }
      : failed('bad_body', parsed.reason, status);
  });
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
