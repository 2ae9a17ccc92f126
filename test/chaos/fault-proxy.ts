import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * pass: forwards · hang: forwards nothing, keeps what comes for later · swallow: what comes is gone, and a connection that
 * lost something stays silent for ever · reset: connections are reset, new ones at once · delay: each packet waits.
 */
export type ProxyMode = 'pass' | 'hang' | 'swallow' | 'reset' | 'delay';

export interface FaultProxy extends AsyncDisposable {
  readonly port: number;
  turn(mode: ProxyMode): void;
}

const DELAY_MS = 150;

/** A TCP proxy on loopback before `targetPort`, whose network can be made bad. */
export async function startFaultProxy(targetPort: number): Promise<FaultProxy> {
  let mode: ProxyMode = 'pass';
  const sockets = new Set<Socket>();
  const deaf = new WeakSet<Socket>();

  const server = createServer((client) => {
    if (mode === 'reset') {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(targetPort, '127.0.0.1');
    forward(client, upstream);
    forward(upstream, client);
  });

  function forward(from: Socket, to: Socket): void {
    sockets.add(from);
    from.on('error', () => {});
    from.once('close', () => {
      sockets.delete(from);
      to.destroy();
    });
    // One packet after the other, also when they wait.
    let last: Promise<unknown> = Promise.resolve();
    from.on('data', (chunk) => {
      if (mode === 'swallow') {
        deaf.add(from);
        deaf.add(to);
      }
      if (deaf.has(from)) return;
      const waits = mode === 'delay' ? sleep(DELAY_MS) : null;
      last = last.then(async () => {
        await waits;
        if (!to.destroyed && !to.write(chunk)) from.pause();
      });
    });
    to.on('drain', () => {
      if (mode !== 'hang') from.resume();
    });
    from.on('end', () => void last.then(() => to.end()));
    if (mode === 'hang') from.pause();
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    turn(next) {
      mode = next;
      for (const socket of sockets) {
        if (next === 'reset') socket.resetAndDestroy();
        else if (next === 'hang') socket.pause();
        else socket.resume();
      }
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
