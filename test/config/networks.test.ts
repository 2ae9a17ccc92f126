import { describe, expect, test } from 'vitest';
import { isAddressOrNetwork } from '../../src/config/networks.ts';

describe('isAddressOrNetwork', () => {
  test.each([
    '192.0.2.7',
    '10.0.0.0/8',
    '0.0.0.0/0',
    '255.255.255.255/32',
    '10.0.0.128/25',
    '::1',
    '::/0',
    '2001:db8::/32',
    'fd00:ec2::254',
    'fd00::/8',
    '2001:db8:1:2:3:4:5:6/128',
    '::ffff:10.0.0.0/104',
    'FE80::/10',
  ])('takes %s', (text) => {
    expect(isAddressOrNetwork(text)).toBe(true);
  });

  test.each([
    '',
    '10.0.0',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0/',
    '10.0.0.0/ 8',
    '010.0.0.1',
    '10.0.0.5/8',
    '10.0.0.128/24',
    '2001:db8::/129',
    '2001:db8::1/64',
    'fe80::1%eth0',
    '[::1]',
    'localhost',
    '1',
  ])('refuses %s', (text) => {
    expect(isAddressOrNetwork(text)).toBe(false);
  });
});
