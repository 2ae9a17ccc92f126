import { createServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { findMonitoringPrograms } from '../../../harness/monitoring-programs.ts';
import { testCertificate } from '../../../harness/test-certificate.ts';
import { openOutgoing } from '../../../src/sources/network/outgoing.ts';
import { type HttpProxy, isDirect } from '../../../src/sources/network/proxy.ts';
import { startTinyproxy, type Tinyproxy } from '../../support/tinyproxy.ts';
import { CAME, clientUnderTest, GOOD_BODY, serveBody, serveTcp } from '../pull/loopback-target.ts';

const programs = findMonitoringPrograms('tests of calls through a proxy', ['tinyproxy']);
const NOTHING = { networks: [], names: [] };
const through = (url: URL | string, more: Partial<HttpProxy> = {}) =>
  openOutgoing({ proxy: { url: new URL(url), direct: NOTHING, resolvesNames: false, ...more } });

describe.skipIf(programs.missing)('a call through a real proxy', () => {
  let proxy: Tinyproxy;
  let before = 0;
  const asked = () => proxy.asked().slice(before);
  beforeAll(async () => {
    proxy = await startTinyproxy(programs);
  });
  afterAll(async () => {
    await proxy?.[Symbol.asyncDispose]();
  });
  const start = () => {
    before = proxy.asked().length;
  };

  it('comes as it would without, and the proxy is told the address that was checked, not the name', async () => {
    start();
    await using target = await serveBody(GOOD_BODY);
    await using sut = clientUnderTest({ outgoing: through(proxy.url), resolveHost: async () => ['127.0.0.1'] });
    expect(await sut.read(`http://shop.example:${target.port}/metrics`)).toMatchObject(CAME);
    expect(target.requests[0]?.headers.host).toBe(`shop.example:${target.port}`);
    expect(asked()).toEqual([`127.0.0.1:${target.port}`]);
  });

  it.each([
    ['a name that is inside', 'http://shop.example/metrics', ['10.1.2.3']],
    ['a name that is also inside', 'http://shop.example/metrics', ['127.0.0.1', '192.168.0.1']],
    ['an address inside', 'http://192.168.0.1/metrics', []],
    ['a metadata service', 'http://169.254.169.254/latest', []],
    ['a metadata service by name', 'http://metadata.example/latest', ['169.254.169.254']],
  ])('%s is refused before the proxy is asked', async (_, url, addresses) => {
    start();
    await using sut = clientUnderTest({ outgoing: through(proxy.url), resolveHost: async () => addresses });
    expect(await sut.read(url)).toMatchObject({ outcome: 'forbidden_address' });
    expect(asked()).toEqual([]);
  });

  it('a proxy that resolves names is told the name; an address is still checked', async () => {
    start();
    await using target = await serveBody(GOOD_BODY);
    const resolveHost = async () => {
      throw new Error('nobody resolves here');
    };
    await using sut = clientUnderTest({ outgoing: through(proxy.url, { resolvesNames: true }), resolveHost });
    expect(await sut.read(`http://localhost:${target.port}/metrics`)).toMatchObject(CAME);
    expect(await sut.read('http://10.0.0.1/metrics')).toMatchObject({ outcome: 'forbidden_address' });
    expect(asked()).toEqual([`localhost:${target.port}`]);
  });

  it('what is named is called past it: names, and what they resolve to', async () => {
    start();
    await using target = await serveBody(GOOD_BODY);
    const resolveHost = async () => ['127.0.0.1'];
    const byName = { networks: [], names: ['.example'] };
    const byNetwork = { networks: [{ address: '127.0.0.0', family: 'ipv4' as const, prefixBits: 8 }], names: [] };
    for (const direct of [byName, byNetwork]) {
      await using sut = clientUnderTest({ outgoing: through(proxy.url, { direct }), resolveHost });
      expect(await sut.read(`http://shop.example:${target.port}/metrics`)).toMatchObject(CAME);
    }
    await using sut = clientUnderTest({ outgoing: through(proxy.url, { direct: byNetwork }) });
    expect(await sut.read(target.url)).toMatchObject(CAME);
    expect(asked()).toEqual([]);
  });

  it('a wrong password is told', async () => {
    const url = new URL(proxy.url);
    url.password = 'shut';
    await using target = await serveBody(GOOD_BODY);
    await using sut = clientUnderTest({ outgoing: through(url) });
    const reading = await sut.read(target.url);
    expect(reading).toMatchObject({
      outcome: 'unreachable',
      reason: expect.stringMatching(/the proxy answered 40[17]/),
    });
    expect(JSON.stringify(reading)).not.toMatch(/shut|sesame/);
  });

  it('tries the next address when the proxy can not reach the first', async () => {
    start();
    await using target = await serveBody(GOOD_BODY);
    await using sut = clientUnderTest({
      outgoing: through(proxy.url),
      resolveHost: async () => ['127.9.9.9', '127.0.0.1'],
    });
    expect(await sut.read(`http://shop.example:${target.port}/metrics`)).toMatchObject(CAME);
    expect(asked()).toEqual([`127.9.9.9:${target.port}`, `127.0.0.1:${target.port}`]);
  });
});

describe('a proxy', () => {
  test('that is spoken to by TLS carries a call by TLS', async () => {
    const proxyCertificate = testCertificate({ names: ['127.0.0.1'] });
    const targetCertificate = testCertificate({ names: ['shop.example'] });
    const target = createServer(targetCertificate, (_request, response) => response.end(GOOD_BODY));
    const proxy = createServer(proxyCertificate).on('connect', (request, socket) => {
      const [host, port] = (request.url ?? '').split(':');
      const onward = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
      for (const one of [onward, socket]) one.on('error', () => {});
    });
    for (const server of [target, proxy]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const portOf = (server: typeof proxy) => (server.address() as AddressInfo).port;
    try {
      const outgoing = openOutgoing({
        authorities: `${proxyCertificate.cert}${targetCertificate.cert}`,
        proxy: { url: new URL(`https://127.0.0.1:${portOf(proxy)}`), direct: NOTHING, resolvesNames: false },
      });
      await using sut = clientUnderTest({ outgoing, resolveHost: async () => ['127.0.0.1'] });
      expect(await sut.read(`https://shop.example:${portOf(target)}/metrics`)).toMatchObject(CAME);
    } finally {
      for (const server of [target, proxy]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    }
  });

  test.each([
    ['speaks something else', 'SSH-2.0-x\r\n\r\n', /does not answer as one/],
    ['refuses', 'HTTP/1.1 403 Filtered\r\n\r\n', /answered 403/],
    ['wants a password', 'HTTP/1.1 407 Authenticate\r\n\r\n', /answered 407: it wants a user and password/],
    ['hangs up', '', /closed the connection/],
    ['never ends its head', `HTTP/1.1 200 OK\r\n${'x-filler: y\r\n'.repeat(2_000)}`, /does not answer as one/],
  ])('that %s is told, and stands for no target', async (_, answer, reason) => {
    await using odd = await serveTcp((socket) =>
      socket.once('data', () => (answer === '' ? socket.destroy() : void socket.write(answer))),
    );
    await using sut = clientUnderTest({ outgoing: through(`http://127.0.0.1:${odd.port}`) });
    expect(await sut.read('http://127.0.0.1:9/metrics')).toMatchObject({
      outcome: 'unreachable',
      reason: expect.stringMatching(reason),
    });
  });

  test('that never answers costs the deadline, no more', async () => {
    await using silent = await serveTcp(() => {});
    await using sut = clientUnderTest({ outgoing: through(`http://127.0.0.1:${silent.port}`) });
    expect(await sut.read('http://127.0.0.1:9/metrics', 300)).toMatchObject({ outcome: 'timeout' });
  });

  test('that is not there is told', async () => {
    await using sut = clientUnderTest({ outgoing: through('http://127.0.0.1:9') });
    expect(await sut.read('http://127.0.0.1:10/metrics')).toMatchObject({
      outcome: 'unreachable',
      reason: 'the proxy of SEQPULSE_PROXY can not be reached (ECONNREFUSED)',
    });
  });
});

test.each([
  ['localhost', true],
  ['LOCALHOST.', true],
  ['shop.corp.example', true],
  ['corp.example', true],
  ['notcorp.example', false],
  ['mylocalhost', false],
  ['10.2.3.4', true],
  ['11.2.3.4', false],
  ['::1', true],
  ['::2', false],
])('%s is called past the proxy: %s', (host, expected) => {
  const direct = {
    networks: [
      { address: '10.0.0.0', family: 'ipv4' as const, prefixBits: 8 },
      { address: '::1', family: 'ipv6' as const, prefixBits: 128 },
    ],
    names: ['localhost', '.corp.example'],
  };
  expect(isDirect(direct, host)).toBe(expected);
});
