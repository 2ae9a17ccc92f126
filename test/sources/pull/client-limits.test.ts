import { getEventListeners } from 'node:events';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  CAME,
  type ClientUnderTest,
  clientUnderTest,
  GOOD_BODY,
  listenWithoutAccepting,
  serveBody,
  serveHttp,
  serveTcp,
} from './loopback-target.ts';

const KIB_64 = 65_536;
/** A right body of exactly so many bytes. */
const paddedTo = (bytes: number) => GOOD_BODY + ' '.repeat(bytes - GOOD_BODY.length);
const TOO_LARGE = { outcome: 'bad_body', reason: 'the answer is larger than 64 KiB', status: 200 };
const MIB = 1_048_576;

describe('the limit of 64 KiB', () => {
  test('lets a body of 65,536 bytes pass and refuses one of 65,537', async () => {
    await using fits = await serveBody(paddedTo(KIB_64));
    await using exceeds = await serveBody(paddedTo(KIB_64 + 1));
    await using sut = clientUnderTest();
    expect(await sut.read(fits.url)).toEqual(CAME);
    expect(await sut.read(exceeds.url)).toEqual(TOO_LARGE);
  });

  test('holds without a content-length as well', async () => {
    const chunked = (bytes: number) =>
      serveHttp((_request, response) => {
        response.write(paddedTo(bytes).slice(0, 1_000));
        response.end(paddedTo(bytes).slice(1_000));
      });
    await using fits = await chunked(KIB_64);
    await using exceeds = await chunked(KIB_64 + 1);
    await using sut = clientUnderTest();
    expect(await sut.read(fits.url)).toEqual(CAME);
    expect(await sut.read(exceeds.url)).toEqual(TOO_LARGE);
  });

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('counts what %s unpacks to', async (encoding, compress) => {
    await using fits = await serveBody(compress(paddedTo(KIB_64)), { 'content-encoding': encoding });
    await using exceeds = await serveBody(compress(paddedTo(KIB_64 + 1)), { 'content-encoding': encoding });
    await using sut = clientUnderTest();
    expect(await sut.read(fits.url)).toEqual(CAME);
    expect(await sut.read(exceeds.url)).toEqual(TOO_LARGE);
  });

  test.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ] as const)('stops a %s bomb of 50 MB at once', async (encoding, compress) => {
    const bomb = compress(Buffer.alloc(50 * MIB));
    expect(bomb.length).toBeLessThan(KIB_64);
    await using target = await serveBody(bomb, { 'content-encoding': encoding });
    await using sut = clientUnderTest();
    const before = process.memoryUsage.rss();
    expect(await sut.read(target.url)).toEqual(TOO_LARGE);
    expect(process.memoryUsage.rss() - before).toBeLessThan(45 * MIB);
  });

  test('leaves a body of 1 GB on the other side, with flat memory', async () => {
    const chunk = Buffer.alloc(MIB, ' ');
    let sentBytes = 0;
    await using target = await serveHttp((_request, response) => {
      const send = () => {
        while (sentBytes < 1024 * MIB && !response.destroyed) {
          sentBytes += chunk.length;
          if (!response.write(chunk)) return response.once('drain', send);
        }
        return response.end();
      };
      send();
    });
    await using sut = clientUnderTest();
    const before = process.memoryUsage.rss();
    expect(await sut.read(target.url)).toEqual(TOO_LARGE);
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * MIB);
    // What the kernel's buffers took before the connection was closed.
    expect(sentBytes).toBeLessThan(32 * MIB);
  });

  test('refuses a body that announces itself as too large without waiting for it', async () => {
    await using target = await serveHttp((_request, response) => {
      response.writeHead(200, { 'content-length': String(KIB_64 + 1) });
      response.flushHeaders();
    });
    await using sut = clientUnderTest();
    expect(await sut.read(target.url)).toEqual(TOO_LARGE);
  });
});

describe('the limit of 16 KiB for headers', () => {
  const withHeaders = (bytes: number) =>
    serveHttp((_request, response) => response.writeHead(200, { 'x-padding': 'x'.repeat(bytes) }).end(GOOD_BODY));

  test('lets 15 KiB pass and refuses 17 KiB', async () => {
    await using fits = await withHeaders(15 * 1024);
    await using exceeds = await withHeaders(17 * 1024);
    await using sut = clientUnderTest();
    expect(await sut.read(fits.url)).toEqual(CAME);
    expect(await sut.read(exceeds.url)).toEqual({
      outcome: 'bad_body',
      reason: 'the answer has more than 16 KiB of headers',
      status: null,
    });
  });

  test('ends headers that never end, with flat memory', async () => {
    await using target = await serveTcp((socket) => {
      const line = `x-padding: ${'x'.repeat(1_000)}\r\n`.repeat(64);
      const send = () => {
        while (!socket.destroyed && socket.write(line));
        if (!socket.destroyed) socket.once('drain', send);
      };
      socket.write('HTTP/1.1 200 OK\r\n');
      send();
    });
    await using sut = clientUnderTest();
    const before = process.memoryUsage.rss();
    expect(await sut.read(target.url)).toMatchObject({ outcome: 'bad_body' });
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * MIB);
  });
});

describe('the deadline', () => {
  const TIMEOUT_MS = 300;

  /** One read, and how much longer it took than a bare timer beside it, so that a busy machine counts for both. */
  async function readToDeadline(sut: ClientUnderTest, url: string) {
    const timer = new Promise<void>((resolve) => setTimeout(resolve, TIMEOUT_MS));
    const startedAtMs = performance.now();
    const timerSeconds = timer.then(() => (performance.now() - startedAtMs) / 1_000);
    const reading = await sut.read(url, TIMEOUT_MS);
    const [recorded] = sut.recorded;
    expect(recorded?.outcome).toBe(reading.outcome);
    expect(recorded?.durationSeconds).toBeGreaterThan(0.29);
    expect((recorded?.durationSeconds ?? 0) - (await timerSeconds)).toBeLessThan(0.5);
    return reading;
  }

  test.each([
    ['a target that never answers', () => serveTcp(() => {}), 'did not answer within 0.3 s'],
    [
      'a target that hangs amid the headers',
      () => serveTcp((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-le')),
      'did not answer within 0.3 s',
    ],
    [
      'a target that hangs amid the body',
      () => serveHttp((_request, response) => response.write('{"metrics":')),
      'did not finish its answer within 0.3 s',
    ],
    [
      'a target that drips bytes',
      () =>
        serveTcp((socket) => {
          socket.write('HTTP/1.1 200 OK\r\n\r\n');
          const drip = setInterval(() => socket.write(' '), 10);
          socket.on('close', () => clearInterval(drip));
        }),
      'did not finish its answer within 0.3 s',
    ],
    [
      'a target that drips informational answers',
      () =>
        serveTcp((socket) => {
          const drip = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'), 10);
          socket.on('close', () => clearInterval(drip));
        }),
      'did not answer within 0.3 s',
    ],
  ] as const)('ends %s within half a second', async (_name, serve, reason) => {
    await using target = await serve();
    await using sut = clientUnderTest();
    expect(await readToDeadline(sut, target.url)).toMatchObject({ outcome: 'timeout', reason });
  });

  test.each(['127.0.0.1', 'shop.example'])(
    'ends a TLS handshake with %s that hangs within half a second',
    async (host) => {
      await using target = await serveTcp(() => {});
      await using sut = clientUnderTest({ resolveHost: async () => ['127.0.0.1'] });
      expect(await readToDeadline(sut, `https://${host}:${target.port}/metrics`)).toEqual({
        outcome: 'timeout',
        reason: 'did not accept a connection within 0.3 s',
        status: null,
      });
    },
  );

  test('ends a connection that nobody accepts within half a second', async () => {
    await using target = await listenWithoutAccepting();
    await using sut = clientUnderTest();
    expect(await readToDeadline(sut, target.url)).toEqual({
      outcome: 'timeout',
      // Outside Linux a queue of one may be longer; the connection then stands, and no answer comes.
      reason: expect.stringMatching(/^did not (accept a connection|answer) within 0.3 s$/),
      status: null,
    });
  });

  test('ends a name that never resolves within half a second, and dials nothing when the answer comes late', async () => {
    await using target = await serveBody(GOOD_BODY);
    const late = Promise.withResolvers<string[]>();
    await using sut = clientUnderTest({ resolveHost: () => late.promise });
    expect(await readToDeadline(sut, `http://shop.example:${target.port}/`)).toEqual({
      outcome: 'timeout',
      reason: 'name did not resolve within 0.3 s',
      status: null,
    });
    late.resolve(['127.0.0.1']);
    expect(await sut.read(target.url)).toMatchObject({ outcome: 'ok' });
    expect(target.connections.seen).toBe(1);
  });

  test('leaves a target alone that takes its time but keeps within it', async () => {
    await using target = await serveHttp((_request, response) => setTimeout(() => response.end(GOOD_BODY), TIMEOUT_MS));
    await using sut = clientUnderTest();
    expect(await sut.read(target.url, 10_000)).toMatchObject({ outcome: 'ok' });
  });
});

describe('the caller', () => {
  test('may abort a read that hangs, which then rejects with its reason and closes the connection', async () => {
    await using target = await serveTcp((socket) => socket.once('data', () => shutdown.abort(new Error('stopping'))));
    const shutdown = new AbortController();
    await using sut = clientUnderTest();
    const read = sut.client.read({ url: target.url, hmac: null, timeoutMs: 60_000, signal: shutdown.signal });
    await expect(read).rejects.toThrow('stopping');
    expect(sut.recorded).toEqual([]);
  });

  test('starts nothing with a signal that has been aborted before', async () => {
    await using target = await serveBody(GOOD_BODY);
    await using sut = clientUnderTest();
    const signal = AbortSignal.abort(new Error('stopping'));
    await expect(sut.client.read({ url: target.url, hmac: null, timeoutMs: 5_000, signal })).rejects.toThrow(
      'stopping',
    );
    expect(target.connections.seen).toBe(0);
  });

  test('finds no listeners left on a signal that outlives its reads', async () => {
    await using target = await serveBody(GOOD_BODY);
    await using sut = clientUnderTest();
    const { signal } = new AbortController();
    const request = { url: target.url, hmac: null, timeoutMs: 5_000, signal };
    await Promise.all(Array.from({ length: 20 }, () => sut.client.read(request)));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('waits with close for reads that run, and cannot read afterwards', async () => {
    const asked = Promise.withResolvers<() => void>();
    await using target = await serveHttp((_request, response) => asked.resolve(() => response.end(GOOD_BODY)));
    const sut = clientUnderTest();
    const read = sut.read(target.url);
    const answer = await asked.promise;
    let isClosed = false;
    const closing = sut.client.close().then(() => {
      isClosed = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isClosed).toBe(false);
    answer();
    expect(await read).toMatchObject({ outcome: 'ok' });
    await closing;
    await expect(sut.read(target.url)).rejects.toThrow('closed');
  });
});
