import { BlockList } from 'node:net';
import {
  type AddressRange,
  ALLOCATED_IPV6,
  CLOUD_METADATA,
  NON_PUBLIC_IPV4,
  NON_PUBLIC_IPV6,
} from './address-ranges.ts';
import { parseAddress } from './embedded-ipv4.ts';

export type AddressDecision =
  | { readonly allowed: true }
  /** `mayBeNamed`: an operator may well name it in SEQPULSE_TARGET_ALLOW; nobody should be led to a metadata service. */
  | { readonly allowed: false; readonly reason: string; readonly mayBeNamed: boolean };

/** Which addresses the service may connect to on somebody else's word. */
export interface AddressPolicy {
  /** `address`: IPv4 or IPv6 in any spelling of node:net, without brackets. The reason never repeats it. */
  decide(address: string): AddressDecision;
}

const ALLOWED: AddressDecision = { allowed: true };
const NOT_AN_ADDRESS: AddressDecision = { allowed: false, reason: 'address cannot be read', mayBeNamed: false };
const NOT_PUBLIC: AddressDecision = {
  allowed: false,
  reason: 'address is not public: set SEQPULSE_TARGET_ALLOW to allow it',
  mayBeNamed: true,
};
const METADATA: AddressDecision = {
  allowed: false,
  reason: 'address is a cloud metadata service: only SEQPULSE_TARGET_ALLOW naming it as a single address allows it',
  mayBeNamed: false,
};

/**
 * Reads SEQPULSE_TARGET_ALLOW: IPv4 and IPv6 CIDRs or single addresses, separated by commas; empty means none.
 * Host bits may be set (`10.1.2.3/8` is `10.0.0.0/8`). Every fault is reported, one clause each.
 */
export function parseTargetAllow(
  text: string,
): { readonly ok: true; readonly allow: readonly AddressRange[] } | { readonly ok: false; readonly faults: string[] } {
  const allow: AddressRange[] = [];
  const faults: string[] = [];
  for (const item of text.split(',').map((part) => part.trim())) {
    if (item === '') continue;
    const range = parseRange(item);
    if (typeof range === 'string') faults.push(range);
    else allow.push(range);
  }
  return faults.length === 0 ? { ok: true, allow } : { ok: false, faults };
}

/** One address or CIDR; a string says in one clause what is wrong with it. */
export function parseRange(item: string): AddressRange | string {
  const [addressText = '', prefixText, ...rest] = item.split('/');
  // A zone would be dropped silently, and the range be wider than what was meant.
  const parsed = addressText.includes('%') ? null : parseAddress(addressText);
  if (parsed === null || rest.length > 0) {
    return `${JSON.stringify(item)} is not an IP address or CIDR such as 10.0.0.0/8`;
  }
  // ::ffff:10.0.0.0/104 means the same hosts as 10.0.0.0/8, and those are judged as IPv4.
  const mappedBits = parsed.family === 'ipv4' && addressText.includes(':') ? 96 : 0;
  const widest = parsed.family === 'ipv4' ? 32 + mappedBits : 128;
  const prefixBits = prefixText === undefined ? widest : /^\d{1,3}$/.test(prefixText) ? Number(prefixText) : -1;
  if (prefixBits < mappedBits || prefixBits > widest) {
    return `${JSON.stringify(item)} has a prefix outside ${mappedBits}..${widest}`;
  }
  return { address: parsed.address, family: parsed.family, prefixBits: prefixBits - mappedBits };
}

/**
 * Public addresses are allowed; all others only where `allow` names them; metadata services only where `allow` names
 * them singly. An IPv6 address that is delivered to an IPv4 host (v4-mapped, NAT64, 6to4) is decided as that host, also
 * by `allow`. A NAT64 prefix of an operator's own cannot be told from public IPv6: keep that translator off private ranges.
 */
export function createAddressPolicy(allow: readonly AddressRange[]): AddressPolicy {
  const named = membership(allow);
  const namedSingly = membership(allow.filter((range) => range.prefixBits === (range.family === 'ipv4' ? 32 : 128)));
  const metadata = membership(CLOUD_METADATA);
  const nonPublicV4 = membership(NON_PUBLIC_IPV4);
  const nonPublicV6 = membership(NON_PUBLIC_IPV6);
  const allocatedV6 = membership([ALLOCATED_IPV6]);

  return {
    decide(text) {
      const parsed = parseAddress(text);
      if (parsed === null) return NOT_AN_ADDRESS;
      const { address, family, deliversTo } = parsed;
      const isIn = (ranges: Membership) =>
        ranges(address, family) || (deliversTo !== null && ranges(deliversTo, 'ipv4'));

      if (isIn(metadata) || parsed.mentions.some((mention) => metadata(mention, 'ipv4'))) {
        return isIn(namedSingly) ? ALLOWED : METADATA;
      }
      if (isIn(named)) return ALLOWED;
      const ipv4 = family === 'ipv4' ? address : deliversTo;
      const isPublic =
        ipv4 !== null ? !nonPublicV4(ipv4, 'ipv4') : allocatedV6(address, family) && !nonPublicV6(address, family);
      return isPublic ? ALLOWED : NOT_PUBLIC;
    },
  };
}

type Membership = (address: string, family: AddressRange['family']) => boolean;

/** One list a family: a BlockList that holds both compares IPv4 addresses with IPv6 rules as if they were mapped. */
function membership(ranges: readonly AddressRange[]): Membership {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const { address, family, prefixBits } of ranges) lists[family].addSubnet(address, prefixBits, family);
  return (address, family) => lists[family].check(address, family);
}
