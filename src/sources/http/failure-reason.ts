import { errors } from 'undici';
import type { TargetOutcome } from '../../model/telemetry.ts';
import { ForbiddenAddressError, type ReadPhase, TooManyBytesError } from '../network/guarded-connector.ts';
import { LookUpsFullError, NameHangsError, ResolverLostError } from '../network/names/look-up-errors.ts';
import { ProxyError } from '../network/tunnel.ts';

/** A read that came to nothing. `reason` is one clause for people ("answered 503"), without addresses and secrets. */
export interface FailedReading {
  readonly outcome: Exclude<TargetOutcome, 'ok'>;
  readonly reason: string;
  /** HTTP status where there was one. */
  readonly status: number | null;
  /** Of a forbidden address: those that the host has and that were refused. For operators alone: not for the log, nor for CI. */
  readonly addresses?: readonly string[];
  /** What is missing may come by itself until then, epoch milliseconds. */
  readonly comesUntilMs?: number;
}

export function failed(outcome: FailedReading['outcome'], reason: string, status: number | null = null): FailedReading {
  return { outcome, reason, status };
}

/** What a read says whose time is over, by how far it had come. */
export function deadlineReading(phase: ReadPhase, timeoutMs: number): FailedReading {
  const doing: Readonly<Record<ReadPhase, string>> = {
    resolving: 'name did not resolve',
    connecting: 'did not accept a connection',
    awaiting_answer: 'did not answer',
    reading_body: 'did not finish its answer',
  };
  return failed('timeout', `${doing[phase]} within ${timeoutMs / 1_000} s`);
}

/**
 * Whether the application refuses who we are. Unsigned, a 401 may pass: a proxy in front that restarts, a login page of
 * a host that is being set up.
 */
export function refusesSignature(status: number | null, signed: boolean): boolean {
  return signed && (status === 401 || status === 403);
}

/** RFC 9110 §15.4: the ones that name another URL to ask. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Everything but 200 is unusable (`slash`: see slashRedirect); a redirect is not followed, since its address would be a stranger's choice. */
export function statusReading(status: number, signed: boolean, slash: string | null = null): FailedReading {
  const hint = REDIRECTS.has(status)
    ? slash === null
      ? ': redirects are not followed, set the final URL'
      : `: redirects are not followed, and this one only changes the slash at the end: set ${slash}`
    : refusesSignature(status, signed)
      ? ': it refused the signature or the request'
      : '';
  return failed('bad_status', `answered ${status}${hint}`, status);
}

const CONNECTION_CLOSED = 'closed the connection before the answer was complete';

/** node:net, node:tls, OpenSSL and undici name their errors by `code`; messages hold addresses, so none is repeated. */
const UNREACHABLE_BY_CODE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection',
  ECONNRESET: CONNECTION_CLOSED,
  EPIPE: CONNECTION_CLOSED,
  UND_ERR_SOCKET: CONNECTION_CLOSED,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: CONNECTION_CLOSED,
  EHOSTUNREACH: 'no route to its address',
  ENETUNREACH: 'no route to its address',
  ETIMEDOUT: 'none of its addresses accepted a connection',
  UND_ERR_CONNECT_TIMEOUT: 'none of its addresses accepted a connection',
  EMFILE: 'this service has too many files open to connect',
  ENFILE: 'this service has too many files open to connect',
  ERR_TLS_CERT_ALTNAME_INVALID: 'TLS certificate is for another name',
  CERT_HAS_EXPIRED: 'TLS certificate has expired',
  CERT_NOT_YET_VALID: 'TLS certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'TLS certificate is self-signed: add its authority with SEQPULSE_CA_FILE',
  SELF_SIGNED_CERT_IN_CHAIN: 'TLS certificate is of an unknown authority: add it with SEQPULSE_CA_FILE',
  UNABLE_TO_GET_ISSUER_CERT: 'TLS certificate is of an unknown authority: add it with SEQPULSE_CA_FILE',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'TLS certificate is of an unknown authority: add it with SEQPULSE_CA_FILE',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'TLS certificate comes without its authority: the server must send the whole chain',
  ERR_SSL_WRONG_VERSION_NUMBER: 'does not speak TLS on this port',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'does not speak TLS on this port',
};

/** What an error of resolving, connecting or reading means. `status`: the HTTP status where the answer had begun. */
export function failureReading(error: unknown, status: number | null): FailedReading {
  if (error instanceof ForbiddenAddressError) {
    return { ...failed('forbidden_address', error.message), addresses: error.addresses };
  }
  if (error instanceof NameHangsError || error instanceof LookUpsFullError) return failed('timeout', error.message);
  if (error instanceof ResolverLostError)
    return failed('unreachable', 'name could not be resolved: its look-up was lost');
  if (error instanceof ProxyError) return failed('unreachable', error.message);
  if (error instanceof TooManyBytesError) {
    const kibibytes = error.mostBytes / 1024;
    return failed('bad_body', `the answer is larger than ${kibibytes} KiB with all that is around its body`, status);
  }
  // Its `data` holds a piece of the answer: never pass the error on. It has no code in undici 8.
  if (error instanceof errors.HTTPParserError) return failed('bad_body', 'the answer is not valid HTTP', status);
  const { code = 'unknown error', syscall, message = '' } = (error ?? {}) as NodeJS.ErrnoException;
  if (syscall === 'getaddrinfo') {
    const isMissing = code === 'ENOTFOUND' || code === 'ENODATA';
    return failed('unreachable', isMissing ? 'name does not resolve' : `name could not be resolved (${code})`);
  }
  if (code === 'UND_ERR_HEADERS_OVERFLOW') {
    return failed('bad_body', 'the answer has more than 16 KiB of headers', status);
  }
  // undici asserts what its parser lets through: a status below 100, a 101 without the word upgrade.
  if (code === 'ERR_ASSERTION') return failed('bad_body', 'the answer is not valid HTTP', status);
  // A 101 that nobody asked for.
  if (code === 'UND_ERR_SOCKET' && message === 'bad upgrade') return statusReading(101, false);
  // Servers differ in which of these they say, and OpenSSL's versions in how it is spelt.
  if (/^ERR_SSL_.*ALERT_(BAD_CERTIFICATE|CERTIFICATE_\w+|UNKNOWN_CA|ACCESS_DENIED)$/.test(code)) {
    return failed('unreachable', 'wants a client certificate, or refuses ours: see SEQPULSE_CLIENT_CERT_FILE', status);
  }
  const reason = UNREACHABLE_BY_CODE[code] ?? `connection failed (${code})`;
  return failed('unreachable', reason, status);
}
