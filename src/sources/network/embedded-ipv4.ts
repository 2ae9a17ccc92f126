import { isIPv4, isIPv6 } from 'node:net';

/** An address as the policy looks at it. */
export interface ParsedAddress {
  /** Without zone; a v4-mapped IPv6 address (`::ffff:10.0.0.1`) is its IPv4 address: the kernel dials just that. */
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  /** The IPv4 address that a translator or relay on the way delivers to, null where there is none. */
  readonly deliversTo: string | null;
  /**
   * IPv4 addresses inside an IPv6 address that is never public itself: enough to recognise a metadata service,
   * not to decide (a local NAT64 may place them in several ways, and a Teredo address holds two).
   */
  readonly mentions: readonly string[];
}

/** Reads an address in any spelling that node:net takes; null when it is none. */
export function parseAddress(text: string): ParsedAddress | null {
  // The zone of a link-local address (fe80::1%eth0) says through which interface, not where to.
  const address = text.replace(/%.*$/s, '');
  if (isIPv4(address)) return { address, family: 'ipv4', deliversTo: null, mentions: [] };
  if (!isIPv6(address)) return null;
  const groups = sixteenBitGroups(address);
  const [g0, g1, g2, g3, g4, g5, g6, g7] = groups;
  const last = dotted(g6, g7);
  const leadingZeros = groups.findIndex((group) => group !== 0);

  if (leadingZeros === 5 && g5 === 0xffff) return { address: last, family: 'ipv4', deliversTo: null, mentions: [] };
  const as = (deliversTo: string | null, mentions: readonly string[] = []): ParsedAddress => ({
    address,
    family: 'ipv6',
    deliversTo,
    mentions,
  });
  if (leadingZeros === 4 && g4 === 0xffff && g5 === 0) return as(last); // IPv4-translated, RFC 2765 ::ffff:0:0:0/96
  if (g0 === 0x64 && g1 === 0xff9b) {
    if (g2 === 0 && g3 === 0 && g4 === 0 && g5 === 0) return as(last); // NAT64, RFC 6052
    // NAT64 with a local prefix of /48, /56, /64 or /96 (RFC 8215; the places are in RFC 6052 §2.2, bits 64–71 are skipped).
    if (g2 === 1) {
      return as(null, [
        dotted(g3, ((g4 & 0xff) << 8) | (g5 >> 8)),
        dotted(((g3 & 0xff) << 8) | (g4 & 0xff), g5),
        dotted(((g4 & 0xff) << 8) | (g5 >> 8), ((g5 & 0xff) << 8) | (g6 >> 8)),
        last,
      ]);
    }
  }
  if (g0 === 0x2002) return as(dotted(g1, g2)); // 6to4, RFC 3056
  if (g0 === 0x2001 && g1 === 0) return as(null, [dotted(g2, g3), dotted(g6 ^ 0xffff, g7 ^ 0xffff)]); // Teredo, RFC 4380
  if (leadingZeros >= 6) return as(null, [last]); // IPv4-compatible ::/96, deprecated by RFC 4291
  return as(null);
}

type Groups = [number, number, number, number, number, number, number, number];

/** The eight 16-bit groups of a valid IPv6 address without zone. */
function sixteenBitGroups(address: string): Groups {
  const hexadecimal = address.replace(/\d+\.\d+\.\d+\.\d+$/, (quad) => {
    const [a = 0, b = 0, c = 0, d = 0] = quad.split('.').map(Number);
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
  const [head = '', tail] = hexadecimal.split('::');
  const numbers = (part: string | undefined) =>
    part ? part.split(':').map((group) => Number.parseInt(group, 16)) : [];
  const before = numbers(head);
  const after = numbers(tail);
  const gap = new Array<number>(8 - before.length - after.length).fill(0);
  return [...before, ...gap, ...after] as Groups;
}

function dotted(high: number, low: number): string {
  return `${high >> 8}.${high & 0xff}.${low >> 8}.${low & 0xff}`;
}
