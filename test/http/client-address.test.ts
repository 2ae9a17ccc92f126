import { expect, test } from 'vitest';
import { networkList } from '../../src/config/address-formats.ts';
import { createClientAddress, limitedNetwork } from '../../src/http/client-address.ts';
import type { ProxyHeader } from '../../src/model/proxy-header.ts';

const behind = (proxies: readonly string[], header: ProxyHeader = 'either') =>
  createClientAddress({ networks: networkList.schema.parse(proxies.join(',')), header });

test('a peer that is no trusted proxy is the client, whatever it forwards', () => {
  const clientAddress = behind(['10.0.0.0/8']);
  expect(clientAddress('203.0.113.9', { forwardedFor: '1.2.3.4' })).toBe('203.0.113.9');
  expect(clientAddress('::ffff:203.0.113.9', { forwardedFor: undefined })).toBe('203.0.113.9');
});

test('through trusted proxies the client is the last hop that is none', () => {
  const clientAddress = behind(['10.0.0.0/8', 'fd00::/8', '192.0.2.1']);
  expect(clientAddress('10.0.0.1', { forwardedFor: '1.2.3.4' })).toBe('1.2.3.4');
  expect(clientAddress('::ffff:10.0.0.1', { forwardedFor: '9.9.9.9, 1.2.3.4, 192.0.2.1' })).toBe('1.2.3.4');
  expect(clientAddress('fd00::1', { forwardedFor: '2001:db8::1' })).toBe('2001:db8::1');
});

test('a hop that is no address ends the walk at the proxy that wrote it', () => {
  const clientAddress = behind(['10.0.0.0/8']);
  expect(clientAddress('10.0.0.1', { forwardedFor: 'unknown' })).toBe('10.0.0.1');
  expect(clientAddress('10.0.0.1', { forwardedFor: '1.2.3.4, unknown, 10.0.0.2' })).toBe('10.0.0.2');
});

test('when every hop is a trusted proxy the first one is the client', () => {
  expect(behind(['10.0.0.0/8'])('10.0.0.1', { forwardedFor: '10.0.0.3, 10.0.0.2' })).toBe('10.0.0.3');
});

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:0db8:0001:0002::', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['::', '0:0:0:0'],
  ['64:ff9b::192.0.2.33', '64:ff9b:0:0'],
  ['1:2:3:4:5:6:192.0.2.33', '1:2:3:4'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['unknown', 'unknown'],
])('%s is limited as %s', (address, network) => {
  expect(limitedNetwork(address)).toBe(network);
});

test.each([
  ['203.0.113.7:4711', '203.0.113.7'],
  ['203.0.113.7:', '203.0.113.7'],
  ['[2001:db8::1]:4711', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['"[2001:db8::1]:4711"', '2001:db8::1'],
  ['2001:db8::1', '2001:db8::1'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['[::ffff:203.0.113.7]:80', '203.0.113.7'],
  ['_hidden', '10.0.0.1'],
  ['unknown:4711', '10.0.0.1'],
  ['', '10.0.0.1'],
  ['203.0.113.7.8:80', '10.0.0.1'],
  ['[203.0.113.7', '10.0.0.1'],
])('X-Forwarded-For: %s is the client %s', (forwardedFor, client) => {
  expect(behind(['10.0.0.0/8'])('10.0.0.1', { forwardedFor })).toBe(client);
});

test.each([
  ['for=192.0.2.60', '192.0.2.60'],
  ['For="192.0.2.60:47011";proto=http;by=203.0.113.43', '192.0.2.60'],
  ['proto=https; for="[2001:db8:cafe::17]:4711"', '2001:db8:cafe::17'],
  ['for=198.51.100.1, for=192.0.2.60;host="a,b;c"', '192.0.2.60'],
  ['for=192.0.2.60, for=10.0.0.9', '192.0.2.60'],
  ['for="192.0.2\\.60"', '192.0.2.60'],
  ['for=unknown', '10.0.0.1'],
  ['for=_hidden, for=10.0.0.9', '10.0.0.9'],
  ['for="_gazonk:4711"', '10.0.0.1'],
  ['proto=http', '10.0.0.1'],
  ['for=198.51.100.1, proto=http', '10.0.0.1'],
  ['for="192.0.2.60', '10.0.0.1'],
  ['=;,;=', '10.0.0.1'],
])('Forwarded: %s is the client %s', (forwarded, client) => {
  expect(behind(['10.0.0.0/8'])('10.0.0.1', { forwarded })).toBe(client);
  expect(createClientAddress({ networks: [], header: 'either' })('10.0.0.1', { forwarded })).toBe('10.0.0.1');
});

const ONE = { forwardedFor: '203.0.113.7:80', forwarded: 'for=192.0.2.60' };
const OTHER = { forwardedFor: '203.0.113.8', forwarded: 'for=192.0.2.60' };

test.each([
  [
    'both headers that agree are believed',
    { forwardedFor: '192.0.2.60', forwarded: 'for="192.0.2.60:1"' },
    '192.0.2.60',
  ],
  ['of two that disagree neither is: a client that makes one up can not choose its count', ONE, '10.0.0.1'],
  ['nor by making up another', OTHER, '10.0.0.1'],
  ['a client that hides in one of them', { forwardedFor: '203.0.113.7', forwarded: 'for=_hidden' }, '10.0.0.1'],
  ['an empty header', { forwardedFor: '', forwarded: 'for=192.0.2.60' }, '10.0.0.1'],
  [
    'both through two proxies',
    { forwardedFor: '9.9.9.9, 192.0.2.60, 10.0.0.2', forwarded: 'for=192.0.2.60, for=10.0.0.2' },
    '192.0.2.60',
  ],
])('proxies that write either: %s', (_, headers, client) => {
  expect(behind(['10.0.0.0/8'])('10.0.0.1', headers)).toBe(client);
});

test.each([
  ['x-forwarded-for', ONE, '203.0.113.7'],
  ['x-forwarded-for', { forwarded: 'for=192.0.2.60' }, '10.0.0.1'],
  ['forwarded', ONE, '192.0.2.60'],
  ['forwarded', OTHER, '192.0.2.60'],
  ['forwarded', { forwardedFor: '203.0.113.7' }, '10.0.0.1'],
] as const)(
  'proxies that write %s alone: the other header is the client’s, of %j the client is %s',
  (header, headers, client) => {
    expect(behind(['10.0.0.0/8'], header)('10.0.0.1', headers)).toBe(client);
  },
);
