import { BlockList, isIP } from 'node:net';
import type { AddressRange } from './address-ranges.ts';

/** The HTTP proxy that calls to targets and sources go through. */
export interface HttpProxy {
  /** http: or https:, with user and password where it wants them. The operator's own word: the guard does not judge it. */
  readonly url: URL;
  readonly direct: DirectList;
  /**
   * false: names are resolved and checked here, and the proxy is told a checked address. true: it is told the name, and
   * which addresses a name may stand for is the proxy's to decide.
   */
  readonly resolvesNames: boolean;
}

/** What is called past the proxy. */
export interface DirectList {
  readonly networks: readonly AddressRange[];
  /** In lower case; with a dot in front also every name below. */
  readonly names: readonly string[];
}

/** Whether `host` (a name, or an address without brackets) is called past the proxy. */
export function isDirect({ networks, names }: DirectList, host: string): boolean {
  const family = isIP(host);
  if (family === 0) {
    const name = host.toLowerCase().replace(/\.$/, '');
    return names.some((direct) => (direct.startsWith('.') ? `.${name}`.endsWith(direct) : name === direct));
  }
  const list = new BlockList();
  for (const range of networks) list.addSubnet(range.address, range.prefixBits, range.family);
  return list.check(host, family === 4 ? 'ipv4' : 'ipv6');
}
