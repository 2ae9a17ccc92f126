import { BlockList, isIP } from 'node:net';
import type { ProxyHeader } from '../model/proxy-header.ts';
import type { AddressRange } from '../sources/network/address-ranges.ts';
import { hopsOfForwarded, hopsOfForwardedFor, plainAddress } from './forwarded.ts';

/** What proxies wrote of where a request comes from. */
export interface ForwardedHeaders {
  /** X-Forwarded-For */
  readonly forwardedFor?: string | undefined;
  /** Forwarded, RFC 7239 */
  readonly forwarded?: string | undefined;
}

/** The address that a request really comes from, given the proxies whose headers are believed. */
export type ClientAddress = (peer: string | undefined, headers: ForwardedHeaders) => string;

export interface TrustedProxies {
  /** The networks whose word is believed. */
  readonly networks: readonly AddressRange[];
  readonly header: ProxyHeader;
}

export function createClientAddress({ networks: proxies, header }: TrustedProxies): ClientAddress {
  const trusted = new BlockList();
  for (const { address, family, prefixBits } of proxies) trusted.addSubnet(address, prefixBits, family);
  const isTrusted = (address: string) => {
    const family = isIP(address);
    return family !== 0 && trusted.check(address, family === 6 ? 'ipv6' : 'ipv4');
  };
  /** From the right: the last hop was written by our own proxy, the first one by anybody. */
  const walk = (peer: string, hops: readonly (string | null)[]) => {
    let address = peer;
    for (const hop of hops.toReversed()) {
      if (hop === null || !isTrusted(address)) return address;
      address = hop;
    }
    return address;
  };
  return (peer, { forwardedFor, forwarded }) => {
    const address = plainAddress(peer ?? 'unknown');
    if (proxies.length === 0) return address;
    const told: string[] = [];
    if (header !== 'forwarded' && forwardedFor !== undefined)
      told.push(walk(address, hopsOfForwardedFor(forwardedFor)));
    if (header !== 'x-forwarded-for' && forwarded !== undefined) told.push(walk(address, hopsOfForwarded(forwarded)));
    const [client = address] = told;
    return told.every((one) => one === client) ? client : address;
  };
}

/**
 * What a limit by address counts by: an IPv4 address, or the /64 that an IPv6 address lies in. One customer has at
 * least a /64, so that a count for each of its addresses would be no limit at all.
 */
export function limitedNetwork(address: string): string {
  if (isIP(address) !== 6) return address;
  const [withoutZone = ''] = address.split('%');
  const [left = '', right] = withoutZone.split('::');
  const groups = left === '' ? [] : left.split(':');
  if (right !== undefined) {
    const after = right === '' ? [] : right.split(':');
    // An address written with an IPv4 tail has one group less than it means.
    const known = groups.length + after.length + (right.includes('.') ? 1 : 0);
    groups.push(...Array<string>(Math.max(0, 8 - known)).fill('0'), ...after);
  }
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
