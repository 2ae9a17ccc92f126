import type { Socket } from 'node:net';
import type { AddressPolicy } from './address-policy.ts';
import { decideLiteral, forbidden, guardedConnector } from './guarded-connector.ts';
import type { Outgoing } from './outgoing.ts';
import type { ResolveHost } from './resolve-host.ts';

/**
 * A plain TCP connection behind the address guard, for what is not HTTP. `hostname`: a name or an address, without
 * brackets. Rejects as the guarded connector does; `signal` destroys the socket at any time.
 */
export function connectGuarded(
  network: Outgoing & { readonly allow: AddressPolicy; readonly resolveHost: ResolveHost },
  input: { readonly hostname: string; readonly port: number; readonly signal: AbortSignal; readonly mostBytes: number },
): Promise<Socket> {
  const { hostname, port, signal, mostBytes } = input;
  const literal = decideLiteral(network.allow, { hostname });
  if (literal?.allowed === false) return Promise.reject(forbidden(network.allow, [hostname]));
  const connect = guardedConnector({ ...network, signal, mostBytes, onPhase: () => {}, onSocketError: () => {} });
  return new Promise((resolve, reject) => {
    connect({ hostname, host: hostname, protocol: 'tcp:', port: String(port) }, (error, socket) => {
      if (error !== null) reject(error);
      else resolve(socket);
    });
  });
}
