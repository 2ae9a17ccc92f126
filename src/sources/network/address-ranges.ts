/**
 * Which addresses are not the public Internet's, and which of them belong to a cloud's metadata service.
 * Source of the ranges: the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and successors).
 * `192.0.0.0/24` and `2001::/23` hold a few globally reachable anycast services (TURN, AS112, …);
 * they are refused with the rest: nobody's application answers there.
 */

export interface AddressRange {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  /** 0..32 or 0..128 */
  readonly prefixBits: number;
}

const v4 = (address: string, prefixBits = 32): AddressRange => ({ address, family: 'ipv4', prefixBits });
const v6 = (address: string, prefixBits = 128): AddressRange => ({ address, family: 'ipv6', prefixBits });

export const NON_PUBLIC_IPV4: readonly AddressRange[] = [
  v4('0.0.0.0', 8), // "this network"; Linux connects 0.0.0.0 to loopback
  v4('10.0.0.0', 8), // private
  v4('100.64.0.0', 10), // carrier-grade NAT
  v4('127.0.0.0', 8), // loopback
  v4('169.254.0.0', 16), // link-local
  v4('172.16.0.0', 12), // private
  v4('192.0.0.0', 24), // IETF protocol assignments
  v4('192.0.2.0', 24), // documentation
  v4('192.88.99.0', 24), // former 6to4 relays
  v4('192.168.0.0', 16), // private
  v4('198.18.0.0', 15), // benchmarking
  v4('198.51.100.0', 24), // documentation
  v4('203.0.113.0', 24), // documentation
  v4('224.0.0.0', 4), // multicast
  v4('240.0.0.0', 4), // reserved, and 255.255.255.255
];

/**
 * All of IPv6 that is handed out to the public. Naming what is public, not what isn't, keeps loopback, unique local,
 * link-local, site-local, multicast, discard-only and whatever will be reserved next outside without a line each.
 */
export const ALLOCATED_IPV6 = v6('2000::', 3);

/** What inside 2000::/3 is not public; 6to4 (2002::/16) is decided by the IPv4 address inside. */
export const NON_PUBLIC_IPV6: readonly AddressRange[] = [
  v6('2001::', 23), // IETF protocol assignments: Teredo, benchmarking, ORCHID
  v6('2001:db8::', 32), // documentation
  v6('3fff::', 20), // documentation
];

/**
 * Services that hand credentials to whoever asks from the inside. A CIDR in SEQPULSE_TARGET_ALLOW that happens to cover
 * one (10.0.0.0/8 is typical, 169.254.0.0/16 not unheard of) is no wish to read it; 168.63.129.16 is even public.
 */
export const CLOUD_METADATA: readonly AddressRange[] = [
  v4('169.254.169.254'), // AWS, Azure, Google, DigitalOcean, Oracle, OpenStack, Hetzner, …
  v4('169.254.170.2'), // AWS ECS task credentials
  v4('169.254.170.23'), // AWS EKS pod identity
  v4('169.254.42.42'), // Scaleway
  v4('169.254.0.23'), // Tencent
  v4('100.100.100.200'), // Alibaba
  v4('192.0.0.192'), // Oracle, classic
  v4('168.63.129.16'), // Azure wire server
  v6('fd00:ec2::254'), // AWS
  v6('fd00:ec2::23'), // AWS EKS pod identity
  v6('fd20:ce::254'), // Google
  v6('fd00:42::42'), // Scaleway
  v6('fe80::a9fe:a9fe'), // OpenStack and others
];
