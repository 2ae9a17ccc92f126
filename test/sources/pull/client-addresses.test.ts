import { describe, expect, test } from 'vitest';
import type { AddressPolicy } from '../../../src/sources/network/address-policy.ts';
import { clientUnderTest, clientWithPolicy, GOOD_BODY, serveBody } from './loopback-target.ts';

const FORBIDDEN = {
  outcome: 'forbidden_address',
  reason: 'address is not public: set SEQPULSE_TARGET_ALLOW to allow it',
  status: null,
};

describe('a target that is private', () => {
  test.each([
    '127.0.0.1',
    '127.1',
    '127.0.1',
    '2130706433',
    '0x7f000001',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '017700000001',
    '127.0.0.1.',
    '%31%32%37.0.0.1',
    '①②⑦.⓪.⓪.①',
    '0',
    '0.0.0.0',
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::127.0.0.1]',
    '[64:ff9b::127.0.0.1]',
    '[2002:7f00:1::]',
    'localhost',
    'LOCALHOST',
  ])('is not dialled as %s', async (host) => {
    await using target = await serveBody(GOOD_BODY);
    await using sut = clientUnderTest({ allow: '' });
    expect(await sut.read(`http://${host}:${target.port}/metrics`)).toMatchObject(FORBIDDEN);
    expect(target.connections.seen).toBe(0);
    expect(sut.recorded).toEqual([{ outcome: 'forbidden_address', durationSeconds: expect.any(Number) }]);
  });

  test.each(['127.0.0.1', '2130706433', '127.1', '[::ffff:127.0.0.1]', 'localhost'])(
    'is read as %s once it is allowed',
    async (host) => {
      await using target = await serveBody(GOOD_BODY);
      await using sut = clientUnderTest();
      expect(await sut.read(`http://${host}:${target.port}/metrics`)).toMatchObject({ outcome: 'ok' });
    },
  );
});

describe('a name', () => {
  test.each([
    [['10.0.0.1']],
    [['93.184.216.34', '10.0.0.1']],
    [['10.0.0.1', '93.184.216.34']],
    [['93.184.216.34', '::1']],
    [['93.184.216.34', 'fe80::1%eth0']],
    [['93.184.216.34', '::ffff:10.0.0.1']],
    [['2606:4700::1', '64:ff9b::a00:1']],
    [['93.184.216.34', 'garbage']],
  ])('that resolves to %j is refused as a whole', async (addresses) => {
    await using sut = clientUnderTest({ allow: '', resolveHost: async () => addresses });
    expect(await sut.read('http://shop.example/metrics', 500)).toMatchObject({ outcome: 'forbidden_address' });
  });

  test('that resolves to a cloud metadata address is refused though the range is allowed', async () => {
    await using sut = clientUnderTest({ allow: '169.254.0.0/16', resolveHost: async () => ['169.254.169.254'] });
    expect(await sut.read('http://shop.example/metrics')).toMatchObject({
      outcome: 'forbidden_address',
      reason: expect.stringContaining('metadata'),
    });
  });

  test('is resolved anew and checked for every read', async () => {
    await using target = await serveBody(GOOD_BODY);
    const answers = [['127.0.0.1'], ['10.0.0.1'], ['127.0.0.1']];
    await using sut = clientUnderTest({ resolveHost: async () => answers.shift() ?? [] });
    const url = `http://shop.example:${target.port}/metrics`;
    expect(await sut.read(url)).toMatchObject({ outcome: 'ok' });
    expect(await sut.read(url)).toMatchObject(FORBIDDEN);
    expect(await sut.read(url)).toMatchObject({ outcome: 'ok' });
    expect(target.requests.map(({ headers }) => headers.host)).toEqual(Array(2).fill(`shop.example:${target.port}`));
  });

  test('is dialled at its next address when the first one refuses', async () => {
    await using target = await serveBody(GOOD_BODY);
    await using sut = clientUnderTest({ resolveHost: async () => ['::1', '127.0.0.1'] });
    expect(await sut.read(`http://shop.example:${target.port}/metrics`)).toMatchObject({ outcome: 'ok' });
  });

  test('that many reads need at one moment is looked up once, and the next moment again', async () => {
    await using target = await serveBody(GOOD_BODY);
    let lookups = 0;
    const answer = Promise.withResolvers<string[]>();
    await using sut = clientUnderTest({
      resolveHost: () => {
        lookups += 1;
        return answer.promise;
      },
    });
    const reads = Array.from({ length: 20 }, () => sut.read(`http://shop.example:${target.port}/metrics`));
    answer.resolve(['127.0.0.1']);
    expect((await Promise.all(reads)).every(({ outcome }) => outcome === 'ok')).toBe(true);
    expect(lookups).toBe(1);
    await sut.read(`http://shop.example:${target.port}/metrics`);
    expect(lookups).toBe(2);
  });

  test('that cannot exist is unreachable', async () => {
    await using sut = clientUnderTest();
    // A label of 64 characters is refused by the resolver itself: no name server is asked.
    expect(await sut.read(`http://${'a'.repeat(64)}.example/metrics`)).toEqual({
      outcome: 'unreachable',
      reason: 'name does not resolve',
      status: null,
    });
  });

  test('whose name server fails is unreachable, not unknown', async () => {
    const failure = Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN', syscall: 'getaddrinfo' });
    await using sut = clientUnderTest({ resolveHost: () => Promise.reject(failure) });
    expect(await sut.read('http://shop.example/metrics')).toEqual({
      outcome: 'unreachable',
      reason: 'name could not be resolved (EAI_AGAIN)',
      status: null,
    });
  });

  test('without any address is unreachable', async () => {
    await using sut = clientUnderTest({ resolveHost: async () => [] });
    expect(await sut.read('http://shop.example/metrics', 1_000)).toMatchObject({ outcome: 'unreachable' });
  });
});

describe('the peer', () => {
  test('is checked again when connected, before a byte of the request leaves', async () => {
    await using target = await serveBody(GOOD_BODY);
    let asked = 0;
    // Allowed when it is looked at before dialling, refused at the end of the connection.
    const allow: AddressPolicy = {
      decide: () => (++asked === 1 ? { allowed: true } : { allowed: false, mayBeNamed: true, reason: 'no' }),
    };
    await using sut = clientWithPolicy({ allow });
    expect(await sut.read(target.url)).toMatchObject({ outcome: 'forbidden_address', reason: 'no', status: null });
    expect(target.connections.seen).toBe(1);
    expect(target.requests).toEqual([]);
  });
});

describe('a URL that is no endpoint', () => {
  test.each(['ftp://127.0.0.1/', 'file:///etc/passwd', 'http://u:s3cret@127.0.0.1/', 'nonsense', '', 'http://'])(
    '%j is forbidden_address and repeats nothing of it',
    async (url) => {
      await using sut = clientUnderTest();
      const reading = await sut.read(url);
      expect(reading).toMatchObject({ outcome: 'forbidden_address', status: null });
      expect(JSON.stringify(reading)).not.toContain('s3cret');
    },
  );
});
