import { setDefaultCACertificates } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { testCertificate } from '../../../harness/test-certificate.ts';
import {
  CAME,
  clientUnderTest,
  GOOD_BODY,
  type LoopbackTarget,
  serveBody,
  serveHttp,
  serveHttps,
  serveTcp,
} from './loopback-target.ts';

const CLOSED = 'closed the connection before the answer was complete';

describe('a connection that fails', () => {
  test('because nobody listens is unreachable', async () => {
    let port: number;
    {
      await using gone = await serveBody(GOOD_BODY);
      port = gone.port;
    }
    await using sut = clientUnderTest();
    expect(await sut.read(`http://127.0.0.1:${port}/metrics`)).toEqual({
      outcome: 'unreachable',
      reason: 'refused the connection',
      status: null,
    });
    expect(await sut.read(`http://localhost:${port}/metrics`)).toMatchObject({
      outcome: 'unreachable',
      reason: 'refused the connection',
    });
  });

  test.each<[string, () => Promise<LoopbackTarget>, number | null]>([
    ['is reset at once', () => serveTcp((socket) => socket.resetAndDestroy()), null],
    ['is closed at once', () => serveTcp((socket) => socket.end()), null],
    [
      'is reset after the request',
      () => serveTcp((socket) => socket.once('data', () => socket.resetAndDestroy())),
      null,
    ],
    ['is closed after the request', () => serveTcp((socket) => socket.once('data', () => socket.end())), null],
    [
      'is closed amid the headers',
      () => serveTcp((socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-'))),
      null,
    ],
    [
      'is closed amid the body',
      () =>
        serveTcp((socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{'))),
      200,
    ],
    [
      'is closed amid the chunks',
      () =>
        serveTcp((socket) =>
          socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n')),
        ),
      200,
    ],
    [
      'is reset amid the body',
      () =>
        serveHttp((_request, response) => {
          response.writeHead(200, { 'content-length': '100' });
          response.write('{', () => response.socket?.resetAndDestroy());
        }),
      200,
    ],
  ])('because it %s is unreachable', async (_name, serve, status) => {
    await using target = await serve();
    await using sut = clientUnderTest();
    expect(await sut.read(target.url)).toEqual({ outcome: 'unreachable', reason: CLOSED, status });
    expect(target.connections.seen).toBe(1);
  });
});

describe('TLS', () => {
  const nameless = testCertificate({ names: ['127.0.0.1', 'localhost'] });
  const expired = testCertificate({ names: ['127.0.0.1'], notAfter: new Date('2021-01-01T00:00:00Z') });
  const early = testCertificate({ names: ['127.0.0.1'], notBefore: new Date('2119-01-01T00:00:00Z') });
  const foreign = testCertificate({ names: ['shop.example'] });
  const unknown = testCertificate({ names: ['127.0.0.1'] });
  setDefaultCACertificates([nameless.cert, expired.cert, early.cert, foreign.cert]);

  test.each(['127.0.0.1', 'localhost'])('with a good certificate for %s is read', async (host) => {
    await using target = await serveHttps(nameless, (_request, response) => response.end(GOOD_BODY));
    await using sut = clientUnderTest();
    const reading = await sut.read(`https://${host}:${target.port}/metrics`);
    expect(reading).toEqual(CAME);
  });

  test.each([
    ['unknown', unknown, 'TLS certificate is self-signed: add its authority with SEQPULSE_CA_FILE'],
    ['expired', expired, 'TLS certificate has expired'],
    ['early', early, 'TLS certificate is not valid yet'],
    ["another name's", foreign, 'TLS certificate is for another name'],
  ])('with an %s certificate is unreachable, and no request is sent', async (_name, certificate, reason) => {
    await using target = await serveHttps(certificate, (_request, response) => response.end(GOOD_BODY));
    await using sut = clientUnderTest();
    expect(await sut.read(target.url)).toEqual({ outcome: 'unreachable', reason, status: null });
    expect(target.requests).toEqual([]);
  });

  test('asked of a server that speaks plain HTTP is unreachable', async () => {
    await using target = await serveBody(GOOD_BODY);
    await using sut = clientUnderTest();
    expect(await sut.read(target.url.replace('http:', 'https:'))).toEqual({
      outcome: 'unreachable',
      reason: 'does not speak TLS on this port',
      status: null,
    });
  });

  test('spoken by a server that is asked in plain HTTP is no answer', async () => {
    await using target = await serveHttps(nameless, (_request, response) => response.end(GOOD_BODY));
    await using sut = clientUnderTest();
    const reading = await sut.read(target.url.replace('https:', 'http:'));
    expect(['unreachable', 'bad_body', 'bad_status']).toContain(reading.outcome);
    expect(target.requests).toEqual([]);
  });
});

describe('many reads at once', () => {
  test('go to good, hanging and broken targets without disturbing each other, and leave no connection', async () => {
    await using good = await serveBody(GOOD_BODY);
    await using hanging = await serveTcp(() => {});
    await using broken = await serveTcp((socket) => socket.resetAndDestroy());
    await using sut = clientUnderTest();
    const urls = [good.url, hanging.url, broken.url];
    const readings = await Promise.all(
      Array.from({ length: 50 }, () => urls.map((url) => sut.read(url, url === hanging.url ? 500 : 10_000))).flat(),
    );
    const count = (outcome: string) => readings.filter((reading) => reading.outcome === outcome).length;
    expect({ ok: count('ok'), timeout: count('timeout'), unreachable: count('unreachable') }).toEqual({
      ok: 50,
      timeout: 50,
      unreachable: 50,
    });
    expect(sut.recorded).toHaveLength(150);
  });

  test('leave no open file behind, whatever came of them', async () => {
    await using good = await serveBody(GOOD_BODY);
    await using large = await serveBody('x'.repeat(70_000));
    await using refused = await serveHttp((_request, response) => response.writeHead(500).end('x'.repeat(70_000)));
    const sut = clientUnderTest();
    const urls = [
      good.url,
      large.url,
      refused.url,
      `http://${'a'.repeat(64)}.example/`,
      `https://127.0.0.1:${good.port}/`,
    ];
    await Promise.all(urls.flatMap((url) => Array.from({ length: 10 }, () => sut.read(url))));
    await sut.client.close();
    await expect
      .poll(() => process.getActiveResourcesInfo().filter((name) => /^(TCPSocket|TCPConnect|TLS)/.test(name)))
      .toEqual([]);
  });
});
