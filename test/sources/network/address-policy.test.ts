import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAddressPolicy, parseTargetAllow } from '../../../src/sources/network/address-policy.ts';
import { parseAddress } from '../../../src/sources/network/embedded-ipv4.ts';

function policy(allow = '') {
  const parsed = parseTargetAllow(allow);
  if (!parsed.ok) throw new Error(parsed.faults.join());
  return createAddressPolicy(parsed.allow);
}
const decide = (address: string, allow = '') => {
  const decision = policy(allow).decide(address);
  return decision.allowed ? 'allowed' : decision.reason;
};
const PRIVATE = 'address is not public: set SEQPULSE_TARGET_ALLOW to allow it';
const METADATA =
  'address is a cloud metadata service: only SEQPULSE_TARGET_ALLOW naming it as a single address allows it';

describe('without SEQPULSE_TARGET_ALLOW', () => {
  test.each([
    ['0.0.0.0', '0.255.255.255', null, '1.0.0.0'],
    ['10.0.0.0', '10.255.255.255', '9.255.255.255', '11.0.0.0'],
    ['100.64.0.0', '100.127.255.255', '100.63.255.255', '100.128.0.0'],
    ['127.0.0.0', '127.255.255.255', '126.255.255.255', '128.0.0.0'],
    ['169.254.0.0', '169.254.255.255', '169.253.255.255', '169.255.0.0'],
    ['172.16.0.0', '172.31.255.255', '172.15.255.255', '172.32.0.0'],
    ['192.0.0.0', '192.0.0.255', '191.255.255.255', '192.0.1.0'],
    ['192.0.2.0', '192.0.2.255', '192.0.1.255', '192.0.3.0'],
    ['192.88.99.0', '192.88.99.255', '192.88.98.255', '192.88.100.0'],
    ['192.168.0.0', '192.168.255.255', '192.167.255.255', '192.169.0.0'],
    ['198.18.0.0', '198.19.255.255', '198.17.255.255', '198.20.0.0'],
    ['198.51.100.0', '198.51.100.255', '198.51.99.255', '198.51.101.0'],
    ['203.0.113.0', '203.0.113.255', '203.0.112.255', '203.0.114.0'],
    ['224.0.0.0', '255.255.255.255', '223.255.255.255', null],
    ['2001::', '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff', '2000:ffff::', '2001:200::'],
    ['2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db7:ffff::', '2001:db9::'],
    ['3fff::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff', '3ffe:ffff::', '3fff:1000::'],
    ['::', '1fff:ffff::', null, '2000::'],
    ['4000::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '3fff:ffff::', null],
  ])('refuses %s to %s and allows the public neighbours', (first, last, before, after) => {
    expect(decide(first)).toBe(PRIVATE);
    expect(decide(last)).toBe(PRIVATE);
    if (before !== null) expect(decide(before)).toBe('allowed');
    if (after !== null) expect(decide(after)).toBe('allowed');
  });

  test.each(['::1', 'fe80::1', 'fe80::1%eth0', 'fec0::1', 'fc00::1', 'fdff::1', 'ff02::1', '100::1', '5f00::1'])(
    'refuses %s',
    (address) => {
      expect(decide(address)).toBe(PRIVATE);
    },
  );

  test.each([
    ['v4-mapped', '::ffff:10.0.0.1', '::ffff:8.8.8.8'],
    ['v4-mapped in hexadecimal', '::ffff:7f00:1', '::ffff:808:808'],
    ['v4-mapped in full', '0:0:0:0:0:ffff:192.168.1.1', '0:0:0:0:0:FFFF:8.8.8.8'],
    ['v4-translated', '::ffff:0:10.0.0.1', '::ffff:0:8.8.8.8'],
    ['NAT64', '64:ff9b::10.0.0.1', '64:ff9b::8.8.8.8'],
    ['6to4', '2002:a00:1::1', '2002:808:808::1'],
  ])('decides a %s address by the IPv4 host it is delivered to', (_kind, inside, outside) => {
    expect(decide(inside)).toBe(PRIVATE);
    expect(decide(outside)).toBe('allowed');
  });

  test.each(['::8.8.8.8', '::7f00:1', '64:ff9b:1::808:808', '2001:0:808:808::1', '64:ff9b:0:1::808:808'])(
    'refuses %s, whatever IPv4 address is inside',
    (address) => {
      expect(decide(address)).toBe(PRIVATE);
    },
  );

  test.each(['', 'localhost', '1.2.3', '010.0.0.1', '[::1]', '8.8.8.8/32', ':::', 'undefined'])(
    'refuses %j, which is no address',
    (text) => {
      expect(decide(text)).toBe('address cannot be read');
    },
  );
});

const METADATA_ADDRESSES = [
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  '169.254.42.42',
  '100.100.100.200',
  '168.63.129.16',
  'fd00:ec2::254',
  'fd20:ce::254',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  '::ffff:0:a9fe:a9fe',
  '64:ff9b::a9fe:a9fe',
  '2002:a9fe:a9fe::1',
  '::a9fe:a9fe',
  '2001:0:a9fe:a9fe::1',
  '2001:0:808:808:0:0:5601:5601', // Teredo: the client's address is kept inverted
  '64:ff9b:1:a9fe:a9:fe00::', // RFC 6052, prefix of 48 bits
  '64:ff9b:1:a9:fe:a9fe::', // 56 bits
  '64:ff9b:1:0:a9:fea9:fe00::', // 64 bits
  '64:ff9b:1::a9fe:a9fe', // 96 bits
];

describe('a cloud metadata address', () => {
  test.each(METADATA_ADDRESSES)('%s is refused, also when a range names it', (address) => {
    expect(decide(address)).toBe(METADATA);
    expect(decide(address, '0.0.0.0/0,::/0,169.254.0.0/16,169.254.169.254/31,64:ff9b:1::/48')).toBe(METADATA);
  });

  test.each(METADATA_ADDRESSES)('%s is allowed when it is named as a single address', (address) => {
    expect(decide(address, address)).toBe('allowed');
  });

  test('is allowed in every form that is delivered to the IPv4 address named', () => {
    for (const address of ['169.254.169.254', '::ffff:a9fe:a9fe', '64:ff9b::a9fe:a9fe', '2002:a9fe:a9fe::1']) {
      expect(decide(address, '169.254.169.254/32')).toBe('allowed');
      expect(decide(address, '::ffff:169.254.169.254/128')).toBe('allowed');
    }
  });

  test('is recognised with the zone of an interface', () => {
    expect(decide('fe80::a9fe:a9fe%eth0', 'fe80::/10')).toBe(METADATA);
  });

  test('has public neighbours that stay public', () => {
    expect(decide('168.63.129.15')).toBe('allowed');
    expect(decide('168.63.129.17')).toBe('allowed');
  });
});

describe('SEQPULSE_TARGET_ALLOW', () => {
  test('opens exactly the range it names', () => {
    expect(decide('10.1.0.0', '10.1.0.0/16')).toBe('allowed');
    expect(decide('10.1.255.255', '10.1.0.0/16')).toBe('allowed');
    expect(decide('10.0.255.255', '10.1.0.0/16')).toBe(PRIVATE);
    expect(decide('10.2.0.0', '10.1.0.0/16')).toBe(PRIVATE);
    expect(decide('fd00::ffff', 'fd00::/112')).toBe('allowed');
    expect(decide('fd00::1:0', 'fd00::/112')).toBe(PRIVATE);
  });

  test('opens a single address without a prefix', () => {
    expect(decide('127.0.0.1', '127.0.0.1')).toBe('allowed');
    expect(decide('127.0.0.2', '127.0.0.1')).toBe(PRIVATE);
    expect(decide('::1', '::1')).toBe('allowed');
    expect(decide('::1', '127.0.0.1')).toBe(PRIVATE);
  });

  test('counts for an IPv4 host however it is written', () => {
    for (const allow of ['10.0.0.0/8', '10.1.2.3/8', '::ffff:10.0.0.0/104']) {
      for (const address of ['10.9.9.9', '::ffff:10.9.9.9', '64:ff9b::10.9.9.9', '2002:a09:909::']) {
        expect(decide(address, allow)).toBe('allowed');
      }
      expect(decide('11.0.0.0', allow)).toBe('allowed');
      expect(decide('192.168.0.1', allow)).toBe(PRIVATE);
    }
  });

  test('counts for a link-local address in every zone', () => {
    expect(decide('fe80::1%eth0', 'fe80::/10')).toBe('allowed');
    expect(decide('fe80::1%eth0', 'fe80::2')).toBe(PRIVATE);
  });

  test('does not open IPv4 by an IPv6 range, nor the other way round', () => {
    expect(decide('10.0.0.1', '::/0')).toBe(PRIVATE);
    expect(decide('::ffff:10.0.0.1', '::/0')).toBe(PRIVATE);
    expect(decide('fd00::1', '0.0.0.0/0')).toBe(PRIVATE);
  });

  test('takes commas with blanks and empty items', () => {
    const parsed = parseTargetAllow(' 10.0.0.0/8 ,, ::1,');
    expect(parsed).toEqual({
      ok: true,
      allow: [
        { address: '10.0.0.0', family: 'ipv4', prefixBits: 8 },
        { address: '::1', family: 'ipv6', prefixBits: 128 },
      ],
    });
    expect(parseTargetAllow('')).toEqual({ ok: true, allow: [] });
  });

  test('reports every fault at once', () => {
    expect(parseTargetAllow('10.0.0.0/8, localhost, 10.0.0.0/33, fd00::/129,::ffff:10.0.0.0/95')).toEqual({
      ok: false,
      faults: [
        '"localhost" is not an IP address or CIDR such as 10.0.0.0/8',
        '"10.0.0.0/33" has a prefix outside 0..32',
        '"fd00::/129" has a prefix outside 0..128',
        '"::ffff:10.0.0.0/95" has a prefix outside 96..128',
      ],
    });
  });

  test.each([
    '10.0.0.0/8/8',
    '10.0.0/8',
    '010.0.0.0/8',
    '[::1]',
    'fe80::1%eth0',
    '*',
    '10.0.0.0-10.0.0.9',
    'http://10.0.0.1',
  ])('refuses %j', (item) => {
    expect(parseTargetAllow(item).ok).toBe(false);
  });

  test.each(['10.0.0.0/', '10.0.0.0/-1', '10.0.0.0/+8', '10.0.0.0/8.0', '10.0.0.0/1e1', '10.0.0.0/0x8', '10.0.0.0/ 8'])(
    'refuses the prefix of %j',
    (item) => {
      expect(parseTargetAllow(item)).toMatchObject({ ok: false, faults: [expect.stringContaining('prefix outside')] });
    },
  );

  test('yields ranges or faults, never an exception, on any text', () => {
    const text = fc.string({ unit: fc.constantFrom('1', '0', '.', ':', '/', ',', 'f', '%', ' ') });
    fc.assert(
      fc.property(text, (allow) => {
        const parsed = parseTargetAllow(allow);
        if (parsed.ok) createAddressPolicy(parsed.allow);
        else expect(parsed.faults).not.toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('whatever the address', () => {
  test('no spelling of an IPv6 address changes the decision', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const spelt = new URL(`http://[${address}]`).hostname.slice(1, -1);
        expect(decide(address)).toBe(decide(spelt));
        expect(decide(address.toUpperCase())).toBe(decide(spelt));
      }),
      { numRuns: 300 },
    );
  });

  test('an IPv4 address and its mapped form are decided alike', () => {
    const sut = policy('192.168.0.0/16');
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(sut.decide(`::ffff:${address}`)).toEqual(sut.decide(address));
        expect(sut.decide(`64:ff9b::${address}`)).toEqual(sut.decide(address));
      }),
    );
  });

  test('the parsed form is one that the URL parser agrees with', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(parseAddress(`::ffff:${address}`)?.address).toBe(address);
        expect(parseAddress(`64:ff9b::${address}`)?.deliversTo).toBe(address);
        expect(parseAddress(new URL(`http://[64:ff9b::${address}]`).hostname.slice(1, -1))?.deliversTo).toBe(address);
      }),
    );
  });
});
