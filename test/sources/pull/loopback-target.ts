import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { vi } from 'vitest';
import type { TargetOutcome } from '../../../src/model/telemetry.ts';
import { createAddressPolicy, parseTargetAllow } from '../../../src/sources/network/address-policy.ts';
import { createTargetClient, type TargetClientDeps } from '../../../src/sources/pull/client.ts';
import type { TargetClient, TargetReading } from '../../../src/sources/pull/types.ts';

export const METRICS = {
  requests_per_sec: 12.4,
  latency_p95: 182,
  error_rate: 0.004,
  cpu_usage: 0.31,
  memory_usage: 0.52,
};
/** What a read of them comes to. */
export const CAME = { outcome: 'ok', reading: { numbers: METRICS, missing: {} }, leftOut: [] };
export const GOOD_BODY = JSON.stringify({ metrics: METRICS });

export interface LoopbackTarget extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Requests seen, oldest first. */
  readonly requests: IncomingMessage[];
  /** Connections seen and connections still open. */
  readonly connections: { seen: number; open: number };
}

export const serveHttp = (listener: RequestListener): Promise<LoopbackTarget> =>
  serveRequests(createServer(), listener);

export const serveHttps = (
  certificate: { key: string; cert: string },
  listener: RequestListener,
): Promise<LoopbackTarget> => serveRequests(createHttpsServer(certificate), listener, 'https');

export const serveBody = (body: string | Buffer, headers: Record<string, string> = {}): Promise<LoopbackTarget> =>
  serveHttp((_request, response) => response.writeHead(200, headers).end(body));

/** A server below HTTP, for answers that are none. */
export const serveTcp = (onSocket: (socket: Socket) => void): Promise<LoopbackTarget> =>
  listen(
    createTcpServer((socket) => {
      onSocket(socket);
      // Unread, a socket never learns that the client hung up.
      socket.resume();
    }),
    [],
    'http',
  );

function serveRequests(
  server: ReturnType<typeof createServer> | ReturnType<typeof createHttpsServer>,
  listener: RequestListener,
  scheme = 'http',
): Promise<LoopbackTarget> {
  const requests: IncomingMessage[] = [];
  server.on('request', (request, response) => {
    requests.push(request);
    listener(request, response);
  });
  // A client that hangs up half-way is what many of these tests are about.
  server.on('tlsClientError', () => {});
  return listen(server, requests, scheme);
}

async function listen(server: Server, requests: IncomingMessage[], scheme: string): Promise<LoopbackTarget> {
  const connections = { seen: 0, open: 0 };
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    connections.seen += 1;
    connections.open += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      connections.open -= 1;
      sockets.delete(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${scheme}://127.0.0.1:${port}/metrics`,
    port,
    requests,
    connections,
    async [Symbol.asyncDispose]() {
      try {
        // Before the server ends them itself: what is open now, the client has left behind.
        await vi.waitFor(
          () => {
            if (connections.open > 0) throw new Error(`${connections.open} connections left open by the client`);
          },
          { interval: 5, timeout: 5_000 },
        );
      } finally {
        for (const socket of sockets) socket.destroy();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

/** A port whose queue of unaccepted connections is full: the next connection hangs before it stands. */
export async function listenWithoutAccepting(): Promise<{ readonly url: string } & AsyncDisposable> {
  // The event loop that would accept is blocked for good, so this needs a process of its own.
  const program = `
    const server = require('node:net').createServer();
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      require('node:fs').writeSync(1, String(server.address().port));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = Number(await new Promise((resolve) => child.stdout.once('data', resolve)));
  const fillers = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  await once(fillers[0] as Socket, 'connect');
  return {
    url: `http://127.0.0.1:${port}/metrics`,
    async [Symbol.asyncDispose]() {
      for (const filler of fillers) filler.destroy();
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

export interface RecordedRead {
  readonly outcome: TargetOutcome;
  readonly durationSeconds: number;
}

export interface ClientUnderTest extends AsyncDisposable {
  readonly client: TargetClient;
  readonly recorded: RecordedRead[];
  /** One unsigned read; 5 s unless told otherwise. */
  read(url: string, timeoutMs?: number): Promise<TargetReading>;
}

/** A client that may call loopback over IPv4 and IPv6, unless `allow` says otherwise. */
export function clientUnderTest({
  allow = '127.0.0.0/8,::1',
  ...deps
}: { allow?: string } & Partial<Omit<TargetClientDeps, 'allow'>> = {}): ClientUnderTest {
  const parsed = parseTargetAllow(allow);
  if (!parsed.ok) throw new Error(parsed.faults.join());
  return clientWithPolicy({ ...deps, allow: createAddressPolicy(parsed.allow) });
}

export function clientWithPolicy(deps: Pick<TargetClientDeps, 'allow'> & Partial<TargetClientDeps>): ClientUnderTest {
  const recorded: RecordedRead[] = [];
  let nonces = 0;
  const client = createTargetClient({
    recordRead: (read) => recorded.push(read),
    now: () => Date.parse('2030-01-01T00:00:00Z'),
    nonce: () => `nonce-${++nonces}`,
    ...deps,
  });
  return {
    client,
    recorded,
    read: (url, timeoutMs = 5_000) => client.read({ url, hmac: null, timeoutMs }),
    [Symbol.asyncDispose]: () => client.close(),
  };
}
