import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { CAME, clientUnderTest, GOOD_BODY, METRICS, serveBody, serveHttp, serveTcp } from './loopback-target.ts';

describe('a target that answers as it should', () => {
  test('is read with one plain GET that asks for uncompressed JSON and keeps no connection', async () => {
    await using target = await serveBody(GOOD_BODY, { 'content-type': 'application/json' });
    await using sut = clientUnderTest();
    expect(await sut.read(`${target.url}/?window=60&token=a`)).toEqual(CAME);
    expect(target.requests).toHaveLength(1);
    expect(target.requests[0]).toMatchObject({ method: 'GET', url: '/metrics/?window=60&token=a' });
    expect(target.requests[0]?.headers).toEqual({
      host: `127.0.0.1:${target.port}`,
      connection: 'keep-alive',
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': 'SeqPulse',
    });
  });

  test('gets a signature only when HMAC is on, with a fresh nonce for every attempt', async () => {
    await using target = await serveBody(GOOD_BODY);
    await using sut = clientUnderTest();
    const hmac = { secret: 'spm_0123456789abcdef', projectId: 'b9a4a3f2-6f0e-4a53-9a53-5c0d9f4a9d11' };
    for (let attempt = 0; attempt < 2; attempt++) {
      await sut.client.read({ url: `${target.url}/?token=a`, hmac, timeoutMs: 5_000 });
    }
    await sut.read(target.url);
    const [first, second, unsigned] = target.requests.map(({ headers }) => headers);
    expect(first).toMatchObject({
      'x-seqpulse-timestamp': '2030-01-01T00:00:00Z',
      'x-seqpulse-nonce': 'nonce-1',
      'x-seqpulse-signature': expect.stringMatching(/^sha256=[0-9a-f]{64}$/),
      'x-seqpulse-signature-version': 'v2',
      'x-seqpulse-canonical-path': '/metrics',
      'x-seqpulse-method': 'GET',
      'x-seqpulse-nonce-ttl': '330',
      'x-seqpulse-project-id': hmac.projectId,
    });
    expect(second?.['x-seqpulse-nonce']).toBe('nonce-2');
    expect(second?.['x-seqpulse-signature']).not.toBe(first?.['x-seqpulse-signature']);
    expect(Object.keys(unsigned ?? {}).filter((name) => name.startsWith('x-seqpulse'))).toEqual([]);
    expect(JSON.stringify(first)).not.toContain(hmac.secret);
  });

  test("gets the caller's headers, which never replace the client's own", async () => {
    await using target = await serveBody(GOOD_BODY);
    await using sut = clientUnderTest({
      requestHeaders: () => ({ traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', accept: 'x/y' }),
      userAgent: 'SeqPulse/9',
    });
    await sut.read(target.url);
    expect(target.requests[0]?.headers).toMatchObject({
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      accept: 'application/json',
      'user-agent': 'SeqPulse/9',
    });
  });

  test.each(['text/plain', 'text/html; charset=utf-8', 'application/octet-stream', ''])(
    'may call its JSON %j',
    async (type) => {
      await using target = await serveBody(GOOD_BODY, type === '' ? {} : { 'content-type': type });
      await using sut = clientUnderTest();
      expect(await sut.read(target.url)).toEqual(CAME);
    },
  );

  test.each([
    ['gzip', gzipSync(GOOD_BODY)],
    ['x-gzip', gzipSync(GOOD_BODY)],
    ['GZIP', gzipSync(GOOD_BODY)],
    ['deflate', deflateSync(GOOD_BODY)],
    ['deflate', deflateRawSync(GOOD_BODY)],
    ['br', brotliCompressSync(GOOD_BODY)],
    ['identity', Buffer.from(GOOD_BODY)],
  ])('may pack its JSON with %s though nobody asked', async (encoding, body) => {
    await using target = await serveBody(body, { 'content-encoding': encoding });
    await using sut = clientUnderTest();
    expect(await sut.read(target.url)).toEqual(CAME);
  });

  test('may begin its JSON with a byte order mark and send informational answers first', async () => {
    await using target = await serveHttp((_request, response) => {
      response.writeEarlyHints({ link: '</a.css>; rel=preload' });
      response.end(`\ufeff${GOOD_BODY}`);
    });
    await using sut = clientUnderTest();
    expect(await sut.read(target.url)).toEqual(CAME);
  });
});

describe('an old target', () => {
  test('may speak HTTP/1.0 and end its body by closing the connection', async () => {
    await using target = await serveTcp((socket) =>
      socket.once('data', () => socket.end(`HTTP/1.0 200 OK\r\n\r\n${GOOD_BODY}`)),
    );
    await using sut = clientUnderTest();
    expect(await sut.read(target.url)).toEqual(CAME);
  });
});

describe('a status other than 200', () => {
  test.each([
    [201, 'answered 201'],
    [204, 'answered 204'],
    [301, 'answered 301: redirects are not followed, set the final URL'],
    [302, 'answered 302: redirects are not followed, set the final URL'],
    [304, 'answered 304'],
    [308, 'answered 308: redirects are not followed, set the final URL'],
    [401, 'answered 401'],
    [403, 'answered 403'],
    [404, 'answered 404'],
    [429, 'answered 429'],
    [500, 'answered 500'],
    [503, 'answered 503'],
  ])('%i is bad_status', async (status, reason) => {
    await using elsewhere = await serveBody(GOOD_BODY);
    await using target = await serveHttp((_request, response) => {
      response.writeHead(status, { location: elsewhere.url });
      response.end(status === 204 || status === 304 ? undefined : GOOD_BODY);
    });
    await using sut = clientUnderTest();
    expect(await sut.read(target.url)).toEqual({ outcome: 'bad_status', reason, status });
    expect(elsewhere.connections.seen).toBe(0);
  });

  test.each([401, 403])('%i to a signed request says what it is likely about', async (status) => {
    await using target = await serveHttp((_request, response) => response.writeHead(status).end());
    await using sut = clientUnderTest();
    const hmac = { secret: 'spm_0123456789abcdef', projectId: 'p' };
    expect(await sut.client.read({ url: target.url, hmac, timeoutMs: 5_000 })).toEqual({
      outcome: 'bad_status',
      reason: `answered ${status}: it refused the signature or the request`,
      status,
    });
  });

  test('101 is bad_status too', async () => {
    await using target = await serveTcp((socket) =>
      socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n'),
    );
    await using sut = clientUnderTest();
    expect(await sut.read(target.url)).toMatchObject({ outcome: 'bad_status', reason: 'answered 101', status: 101 });
  });

  test('is told without reading the page that comes with it', async () => {
    await using target = await serveHttp((_request, response) => {
      response.writeHead(503);
      response.write('the rest of this page never comes');
    });
    await using sut = clientUnderTest();
    expect(await sut.read(target.url)).toMatchObject({ outcome: 'bad_status', status: 503 });
  });
});

test('a number outside the contract is left out and named, and the others are read', async () => {
  await using target = await serveBody(JSON.stringify({ metrics: { ...METRICS, cpu_usage: 1.02 } }));
  await using sut = clientUnderTest();
  expect(await sut.read(target.url)).toEqual({
    outcome: 'ok',
    reading: { numbers: { ...METRICS, cpu_usage: null }, missing: { cpu_usage: 'out_of_range' } },
    leftOut: ['cpu_usage is 1.02, expected 0..1'],
  });
});

describe('a body that breaks the contract', () => {
  test.each([
    ['{"metrics":{"cpu_usage":"0.3"}}', expect.stringContaining('cpu_usage is a string, expected a number')],
    ['', 'the answer is empty'],
    ['<html>Sign in</html>', 'the answer is HTML or XML, not JSON'],
    [Buffer.from([0x7b, 0xff, 0x7d]), 'the answer is not UTF-8'],
    [Buffer.from(GOOD_BODY, 'utf16le'), 'the answer is not JSON'],
  ])('%j is bad_body', async (body, reason) => {
    await using target = await serveBody(body);
    await using sut = clientUnderTest();
    expect(await sut.read(target.url)).toEqual({ outcome: 'bad_body', reason, status: 200 });
  });

  test.each([
    ['gzip', Buffer.from('not packed'), 'the answer is not valid gzip'],
    ['gzip', gzipSync(GOOD_BODY).subarray(0, 40), 'the answer is not valid gzip'],
    ['deflate', Buffer.from(''), 'the answer is not valid deflate'],
    ['br', Buffer.from('not packed'), 'the answer is not valid br'],
    ['zstd', zstdCompressSync(GOOD_BODY), 'content-encoding other than identity, gzip, deflate or br'],
    ['gzip, gzip', gzipSync(gzipSync(GOOD_BODY)), 'content-encoding other than identity, gzip, deflate or br'],
    ['s3cret', Buffer.from(GOOD_BODY), 'content-encoding other than identity, gzip, deflate or br'],
  ])('%s that cannot be unpacked is bad_body', async (encoding, body, reason) => {
    await using target = await serveBody(body, { 'content-encoding': encoding });
    await using sut = clientUnderTest();
    const reading = await sut.read(target.url);
    expect(reading).toMatchObject({ outcome: 'bad_body', reason: expect.stringContaining(reason), status: 200 });
    expect(JSON.stringify(reading)).not.toContain('s3cret');
  });
});

describe('an answer that is not HTTP', () => {
  test.each([
    ['SSH', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['a status of letters', 'HTTP/1.1 abc OK\r\n\r\n'],
    ['a header without name', 'HTTP/1.1 200 OK\r\n: x\r\n\r\n'],
    ['a chunk size of letters', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n'],
  ])('%s is bad_body', async (_name, bytes) => {
    await using target = await serveTcp((socket) => socket.write(bytes));
    await using sut = clientUnderTest();
    expect(await sut.read(target.url)).toMatchObject({
      outcome: 'bad_body',
      reason: 'the answer is not valid HTTP',
    });
  });
});
