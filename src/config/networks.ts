import { isIPv4, isIPv6 } from 'node:net';
import { parseRange } from '../sources/network/address-policy.ts';
import type { AddressRange } from '../sources/network/address-ranges.ts';

/**
 * A single address (`192.0.2.7`, `2001:db8::7`) or a network in CIDR notation (`10.0.0.0/8`). The bits after the prefix
 * must be zero: `10.0.0.5/8` means sixteen million addresses where its writer meant one, and these lists open doors.
 */
export function isAddressOrNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const bits = addressBits(address);
  if (bits === null || rest.length > 0) return false;
  if (prefix === undefined) return true;
  if (!/^\d{1,3}$/.test(prefix)) return false;
  const prefixLength = Number(prefix);
  return prefixLength <= bits.length && !bits.slice(prefixLength).includes('1');
}

/** What `isAddressOrNetwork` takes, parsed; null for anything else. */
export function parseNetwork(text: string): AddressRange | null {
  if (!isAddressOrNetwork(text)) return null;
  const range = parseRange(text);
  return typeof range === 'string' ? null : range;
}

/** The address as a string of 32 or 128 binary digits; null when it is none, or names an interface (`fe80::1%eth0`). */
function addressBits(address: string): string | null {
  if (isIPv4(address)) {
    return address
      .split('.')
      .map((byte) => Number(byte).toString(2).padStart(8, '0'))
      .join('');
  }
  if (!isIPv6(address) || address.includes('%')) return null;
  // The URL parser writes every IPv6 address, IPv4-mapped ones too, as hexadecimal groups.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array<string>(8 - left.length - right.length).fill('0');
  return [...left, ...zeros, ...right]
    .map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0'))
    .join('');
}
