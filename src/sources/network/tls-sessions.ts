import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** The session of one origin: what the next connection to it begins with, and what this one leaves for it. */
export interface TlsSession {
  readonly resumed: Buffer | undefined;
  /** Once the handshake is over: keeps the sessions that the server hands out. */
  follow(socket: Socket): void;
  /** A connection that was to go on with it failed: perhaps because of it. */
  drop(): void;
}

export interface TlsSessions {
  /** `origin`: scheme, host and port. A certificate is checked for one host, so no session is another host's. */
  of(origin: string): TlsSession;
}

/** Some 2 kB each; beyond, the one that was used longest ago makes room. */
const MOST = 10_000;
/** How long a certificate is believed without being shown again: much less than the week that TLS allows. */
const LIFETIME_MS = 3_600_000;

/**
 * TLS sessions of the servers that are read: reads of one target lie up to a minute apart, each over a connection of
 * its own, and a handshake that goes on with a session is spared the certificates' checking.
 */
export function createTlsSessions(
  nowMs: () => number = () => performance.now(),
  limits: { readonly most: number; readonly lifetimeMs: number } = { most: MOST, lifetimeMs: LIFETIME_MS },
): TlsSessions {
  /** By origin, the one used longest ago first. */
  const kept = new Map<string, { session: Buffer; checkedAtMs: number }>();

  return {
    of(origin) {
      const found = kept.get(origin);
      const isGood = found !== undefined && nowMs() - found.checkedAtMs < limits.lifetimeMs;
      if (!isGood) kept.delete(origin);
      const resumed = isGood ? found.session : undefined;

      function keep(socket: TLSSocket, session: Buffer | undefined): void {
        if (session === undefined) return;
        // What a server hands out on a resumed connection rests on the check at the first one.
        const checkedAtMs = socket.isSessionReused() && isGood ? found.checkedAtMs : nowMs();
        kept.delete(origin);
        kept.set(origin, { session, checkedAtMs });
        if (kept.size > limits.most) kept.delete(kept.keys().next().value ?? '');
      }
      return {
        resumed,
        follow(socket) {
          if (!(socket instanceof TLSSocket)) return;
          // Later versions hand sessions out after the handshake, TLS 1.2 within it.
          if (socket.getProtocol() !== 'TLSv1.3') keep(socket, socket.getSession());
          socket.on('session', (session) => keep(socket, session));
        },
        drop: () => {
          if (resumed !== undefined) kept.delete(origin);
        },
      };
    },
  };
}
