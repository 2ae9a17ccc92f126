import type { LookupAddress } from 'node:dns';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { buildConnector } from 'undici';
import type { AddressPolicy } from './address-policy.ts';
import { type HttpProxy, isDirect } from './proxy.ts';
import type { ResolveHost } from './resolve-host.ts';
import type { TlsSession } from './tls-sessions.ts';
import { openTunnel, ProxyError, type TunnelDeps } from './tunnel.ts';

/** The address of a target is none that the service may connect to; `message` says why, for people. */
export class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError';
  /** Those that were met and refused, and that an operator may allow. */
  readonly addresses: readonly string[];

  constructor(message: string, addresses: readonly string[]) {
    super(message);
    this.addresses = addresses;
  }
}

/** The other side sent more bytes than any answer needs, whatever they were. */
export class TooManyBytesError extends Error {
  override readonly name = 'TooManyBytesError';
  readonly mostBytes: number;
  constructor(mostBytes: number) {
    super('too many bytes');
    this.mostBytes = mostBytes;
  }
}

/** How far a read has come; decides what its deadline says. */
export type ReadPhase = 'resolving' | 'connecting' | 'awaiting_answer' | 'reading_body';

/**
 * How long one of several addresses may take before the next is tried. Node's 250 ms gives up on a healthy
 * server on the other side of the world; more than 1 s would let one dead address eat the 5 s of a read.
 */
const ADDRESS_ATTEMPT_MS = 1_000;

/**
 * A connector for one read. A name is resolved here, every address it has is checked (one bad address refuses them
 * all: a public name that also points inside is an attack or a mistake), only checked addresses are dialled, and the
 * peer is checked once more when connected, before a byte of the request leaves. IP literals never come to the lookup
 * (node:net dials them directly): refuse them with `decideLiteral` before connecting.
 *
 * `signal` destroys the socket at any point of the read, also inside DNS and connect, where undici alone would wait for
 * its own timeout; so that timeout is off and the caller's deadline is the only clock.
 */
export function guardedConnector(input: {
  readonly allow: AddressPolicy;
  readonly resolveHost: ResolveHost;
  /** The trusted authorities, read once: a context of its own costs each connection 0.3 ms of CPU. */
  readonly secureContext: SecureContext;
  readonly proxy: HttpProxy | null;
  readonly signal: AbortSignal;
  readonly onPhase: (phase: ReadPhase) => void;
  /** Told what a connection broke by; of a TLS alert that comes with the end, undici tells the end alone. */
  readonly onSocketError: (error: Error) => void;
  /** Of the origin that is read; absent: none is kept. */
  readonly tlsSession?: TlsSession;
  /** What the other side may send in all, headers and framing included; more ends the connection. */
  readonly mostBytes: number;
}): buildConnector.connector {
  const { allow, resolveHost, secureContext, proxy, signal, onPhase, onSocketError, tlsSession, mostBytes } = input;

  async function checkedAddresses(hostname: string): Promise<readonly string[]> {
    const addresses = await resolveHost(hostname);
    // Handed no address at all, node:net waits for ever.
    if (addresses.length === 0) throw noAddress();
    const refused = addresses.filter((address) => !allow.decide(address).allowed);
    if (refused.length > 0) throw forbidden(allow, refused);
    onPhase('connecting');
    return addresses;
  }

  const lookup: LookupFunction = (hostname, _options, callback) => {
    checkedAddresses(hostname).then(
      (addresses) => callback(null, addresses.map(asLookupAddress)),
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };

  const connect = buildConnector({
    lookup,
    secureContext,
    signal,
    timeout: 0,
    // With it node:net asks the lookup for all addresses and tries them in turn; without, it takes one.
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ADDRESS_ATTEMPT_MS,
    allowH2: false,
    // undici holds TLS sessions by weak references only: none would live until the next read of its target.
    maxCachedSessions: 0,
    ...(tlsSession?.resumed === undefined ? {} : { session: tlsSession.resumed }),
    keepAlive: false,
  });

  /** null: it is called past the proxy. The literal was decided on before (`decideLiteral`). */
  async function tunnelTo(hostname: string, port: number): Promise<Socket | null> {
    if (proxy === null || isDirect(proxy.direct, hostname)) return null;
    const isGivenAway = isIP(hostname) !== 0 || proxy.resolvesNames;
    const hosts = isGivenAway ? [hostname] : await checkedAddresses(hostname);
    if (hosts.some((host) => isDirect(proxy.direct, host))) return null;
    onPhase('connecting');
    return await firstTunnel({ proxyUrl: proxy.url, resolveHost, secureContext, signal }, hosts, port);
  }

  return (options, callback) => {
    // node:net brings a socket to life again that its signal has destroyed before it connects.
    if (signal.aborted) return callback(new Error('the read is over'), null);
    if (proxy === null) return connectDirectly(options, callback);
    const port = Number(options.port) || (options.protocol === 'https:' ? 443 : 80);
    tunnelTo(options.hostname, port).then(
      (tunnel) => (tunnel === null ? connectDirectly(options, callback) : connectThrough(tunnel, options, callback)),
      (error: Error) => callback(error, null),
    );
    return undefined;
  };

  /** The peer is the proxy: what was to be checked is checked. */
  function connectThrough(tunnel: Socket, options: buildConnector.Options, callback: buildConnector.Callback) {
    const onSocket: buildConnector.Callback = (...result) => {
      const [error, socket] = result;
      if (error !== null) return broken(error, callback);
      begin(socket, callback);
    };
    if (options.protocol === 'https:') connect({ ...options, httpSocket: tunnel }, onSocket);
    else onSocket(null, tunnel);
  }

  function connectDirectly(options: buildConnector.Options, callback: buildConnector.Callback) {
    connect(options, (error, socket) => {
      if (error !== null) return broken(error, callback);
      const peer = allow.decide(socket.remoteAddress ?? '');
      if (!peer.allowed) {
        socket.destroy();
        return callback(forbidden(allow, [socket.remoteAddress ?? '']), null);
      }
      begin(socket, callback);
    });
  }

  function begin(socket: Socket, callback: buildConnector.Callback) {
    tlsSession?.follow(socket);
    socket.on('error', onSocketError);
    cutAfter(socket, mostBytes);
    onPhase('awaiting_answer');
    callback(null, socket);
  }

  function broken(error: Error, callback: buildConnector.Callback) {
    tlsSession?.drop();
    callback(error, null);
  }
}

/** One address after the other, as long as it may be the address that the proxy does not like. */
async function firstTunnel(deps: TunnelDeps, hosts: readonly string[], port: number): Promise<Socket> {
  let failure: unknown;
  for (const host of hosts) {
    try {
      return await openTunnel(deps, host, port);
    } catch (error) {
      failure = error;
      if (!(error instanceof ProxyError && error.mayBeAddress)) break;
    }
  }
  throw failure;
}

const MAX_PIECE_BYTES = 1024;

/**
 * undici limits headers and body as it understands them; chunk extensions, informational answers, blank lines and the
 * words after the status are free: 200 MB of them came in during one read. So bytes are counted where they are taken
 * from the socket (after TLS), and handed on in pieces: beyond its limit of headers undici makes an error for each one
 * that is left in the piece, a second of CPU for 64 KiB of short headers.
 */
function cutAfter(socket: Socket, mostBytes: number): void {
  const read = socket.read.bind(socket);
  let receivedBytes = 0;
  socket.read = () => {
    // A destroyed socket still hands out what it holds.
    if (socket.destroyed) return null;
    const chunk: Buffer | null = read(Math.min(MAX_PIECE_BYTES, socket.readableLength) || undefined);
    receivedBytes += chunk?.length ?? 0;
    if (receivedBytes <= mostBytes) return chunk;
    socket.destroy(new TooManyBytesError(mostBytes));
    return null;
  };
}

/**
 * What the policy says of a URL whose host is an IP literal; null when the host is a name. The URL parser has turned
 * decimal, hexadecimal, octal and short spellings into the usual one.
 */
export function decideLiteral(allow: AddressPolicy, url: Pick<URL, 'hostname'>) {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 ? null : allow.decide(host);
}

/** Why these addresses, each refused by `allow`, are: in the words of the first that can't be allowed, else of the first. */
export function forbidden(allow: AddressPolicy, refused: readonly string[]): ForbiddenAddressError {
  const decisions = refused.map((address) => allow.decide(address)).filter((decision) => !decision.allowed);
  const worst = decisions.find(({ mayBeNamed }) => !mayBeNamed) ?? decisions[0];
  return new ForbiddenAddressError(worst?.reason ?? '', worst?.mayBeNamed === true ? refused : []);
}

function noAddress(): NodeJS.ErrnoException {
  return Object.assign(new Error('name has no address'), { code: 'ENODATA', syscall: 'getaddrinfo' });
}

function asLookupAddress(address: string): LookupAddress {
  return { address, family: isIP(address) };
}
