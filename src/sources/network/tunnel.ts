import { connect, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext } from 'node:tls';
import type { ResolveHost } from './resolve-host.ts';

/** The proxy, not the target, stands in the way; the message says how, for people. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  /** Asked for another address of the same target it may do better. */
  readonly mayBeAddress: boolean;
  constructor(message: string, mayBeAddress: boolean) {
    super(message);
    this.mayBeAddress = mayBeAddress;
  }
}

/** What a proxy says before a tunnel stands is a few lines. */
const MAX_HEAD_BYTES = 16 * 1024;

export interface TunnelDeps {
  readonly proxyUrl: URL;
  readonly resolveHost: ResolveHost;
  readonly secureContext: SecureContext;
  /** Destroys the socket, whatever it is doing. */
  readonly signal: AbortSignal;
}

/** Asks the proxy for a connection to `host`:`port` (RFC 9110 §9.3.6). Rejects with a ProxyError. */
export async function openTunnel(deps: TunnelDeps, host: string, port: number): Promise<Socket> {
  const socket = await connectToProxy(deps);
  try {
    const authority = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${authorization(deps.proxyUrl)}\r\n`);
    checkStatus(await readStatus(socket));
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function connectToProxy({ proxyUrl, resolveHost, secureContext, signal }: TunnelDeps): Promise<Socket> {
  const isTls = proxyUrl.protocol === 'https:';
  const host = proxyUrl.hostname.replace(/^\[|\]$/g, '');
  const lookup: LookupFunction = (name, _options, callback) => {
    resolveHost(name).then(
      (addresses) =>
        callback(
          null,
          addresses.map((address) => ({ address, family: isIP(address) })),
        ),
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
  const to = { host, port: Number(proxyUrl.port) || (isTls ? 443 : 80), lookup, signal, autoSelectFamily: true };
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = isTls
    ? connectTls({ ...to, secureContext, ...(isIP(host) === 0 ? { servername: host } : {}) }, () => resolve(socket))
    : connect(to, () => resolve(socket));
  socket.on('error', ({ code }: NodeJS.ErrnoException) => {
    reject(new ProxyError(`the proxy of SEQPULSE_PROXY can not be reached (${code ?? 'TLS'})`, false));
  });
  return await promise;
}

function authorization({ username, password }: URL): string {
  if (username === '') return '';
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  return `Proxy-Authorization: Basic ${credentials.toString('base64')}\r\n`;
}

async function readStatus(socket: Socket): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let head = '';
  const onReadable = () => {
    for (let chunk: Buffer | null = socket.read(); chunk !== null; chunk = socket.read()) {
      head += chunk.toString('latin1');
    }
    const end = head.indexOf('\r\n\r\n');
    if (end >= 0) {
      // What is put back is readable again at once.
      socket.off('readable', onReadable);
      // The target's first bytes.
      const rest = head.slice(end + 4);
      if (rest !== '') socket.unshift(Buffer.from(rest, 'latin1'));
      return resolve(Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0));
    }
    if (head.length > MAX_HEAD_BYTES)
      reject(new ProxyError('the proxy of SEQPULSE_PROXY does not answer as one', false));
    return undefined;
  };
  const onClose = () => reject(new ProxyError('the proxy of SEQPULSE_PROXY closed the connection', true));
  socket.on('readable', onReadable);
  socket.on('end', onClose);
  socket.on('close', onClose);
  try {
    return await promise;
  } finally {
    socket.off('readable', onReadable);
    socket.off('end', onClose);
    socket.off('close', onClose);
  }
}

function checkStatus(status: number): void {
  if (status >= 200 && status < 300) return;
  if (status === 0) throw new ProxyError('the proxy of SEQPULSE_PROXY does not answer as one', false);
  if (status === 407) {
    throw new ProxyError('the proxy answered 407: it wants a user and password in SEQPULSE_PROXY', false);
  }
  throw new ProxyError(`the proxy answered ${status} to the connection that it was asked for`, true);
}
