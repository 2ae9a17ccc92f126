import type { Socket } from 'node:net';
import { createServer as createTlsServer, setDefaultCACertificates } from 'node:tls';
import { expect, test } from 'vitest';
import { testCertificate } from '../../../harness/test-certificate.ts';
import { CAME, clientUnderTest, GOOD_BODY, serveTcp } from './loopback-target.ts';

const MIB = 1024 * 1024;
/** What the kernels of both ends hold when nobody reads any more. */
const KERNEL_BUFFERS = 16 * MIB;
const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;
const BEYOND_THE_WIRE = 'the answer is larger than 256 KiB with all that is around its body';
const BEYOND_HEADERS = 'the answer has more than 16 KiB of headers';

/** Sends `first`, then `unit` again and again until the other side hangs up; counts the bytes it got rid of. */
function flood(first: string, unit: string) {
  const sent = { bytes: 0 };
  const block = Buffer.from(unit.repeat(Math.ceil(65_536 / unit.length)));
  const onSocket = (socket: Socket) => {
    socket.once('data', () => {
      socket.write(first);
      const send = () => {
        while (!socket.destroyed && sent.bytes < 200 * MIB) {
          sent.bytes += block.length;
          if (!socket.write(block)) return void socket.once('drain', send);
        }
      };
      send();
    });
  };
  return { sent, onSocket };
}

test.each([
  ['chunk extensions without end', `${CHUNKED}1;`, 'a=bbbbbbbb;', BEYOND_THE_WIRE],
  ['chunks with long extensions', CHUNKED, `1;${'x'.repeat(4_000)}\r\n \r\n`, BEYOND_THE_WIRE],
  ['chunks of one byte', CHUNKED, '1\r\n \r\n', BEYOND_THE_WIRE],
  ['a chunk size of zeros', CHUNKED, '0', BEYOND_THE_WIRE],
  ['informational answers', '', 'HTTP/1.1 102 Processing\r\n\r\n', BEYOND_THE_WIRE],
  ['early hints', '', `HTTP/1.1 103 Early Hints\r\nLink: ${'x'.repeat(8_000)}\r\n\r\n`, BEYOND_THE_WIRE],
  ['words after the status', 'HTTP/1.1 200 ', 'a', BEYOND_THE_WIRE],
  ['blank lines before the answer', '', '\r\n', BEYOND_THE_WIRE],
  ['short headers', OK, 'x: y\r\n', BEYOND_HEADERS],
  ['the name of a header', OK, 'a', BEYOND_HEADERS],
  ['trailers', `${CHUNKED}0\r\n`, 'x: y\r\n', BEYOND_HEADERS],
  ['a body', CHUNKED, `1000\r\n${' '.repeat(4_096)}\r\n`, 'the answer is larger than 64 KiB'],
])('a flood of %s is cut, whatever it is made of', async (_what, first, unit, reason) => {
  const { sent, onSocket } = flood(first, unit);
  await using target = await serveTcp(onSocket);
  await using sut = clientUnderTest();
  expect(await sut.read(target.url, 60_000)).toMatchObject({ outcome: 'bad_body', reason });
  expect(sent.bytes).toBeLessThan(KERNEL_BUFFERS);
});

test('a flood inside TLS is cut as well', async () => {
  const certificate = testCertificate({ names: ['127.0.0.1'] });
  setDefaultCACertificates([certificate.cert]);
  const { sent, onSocket } = flood('', 'HTTP/1.1 102 Processing\r\n\r\n');
  const server = createTlsServer(certificate, onSocket);
  await using target = await serveTcp((socket) => server.emit('connection', socket));
  await using sut = clientUnderTest();
  const url = target.url.replace('http:', 'https:');
  expect(await sut.read(url, 60_000)).toMatchObject({ outcome: 'bad_body', reason: BEYOND_THE_WIRE });
  expect(sent.bytes).toBeLessThan(KERNEL_BUFFERS);
});

test('a body of 64 KiB in chunks of four bytes is below the limit', async () => {
  const body = GOOD_BODY + ' '.repeat(65_536 - GOOD_BODY.length);
  const chunks = body.match(/.{4}/g)?.map((part) => `4\r\n${part}\r\n`) ?? [];
  await using target = await serveTcp((socket) =>
    socket.once('data', () => socket.end(`${CHUNKED}${chunks.join('')}0\r\n\r\n`)),
  );
  await using sut = clientUnderTest();
  expect(await sut.read(target.url)).toEqual(CAME);
});

test('an early hint before the answer is passed over', async () => {
  await using target = await serveTcp((socket) =>
    socket.once('data', () =>
      socket.end(
        `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}Content-Length: ${GOOD_BODY.length}\r\n\r\n${GOOD_BODY}`,
      ),
    ),
  );
  await using sut = clientUnderTest();
  expect(await sut.read(target.url)).toEqual(CAME);
});

const WITH_BODY = `Content-Length: ${GOOD_BODY.length}\r\n\r\n${GOOD_BODY}`;
test.each([
  ['status 000', `HTTP/1.1 000 X\r\n${WITH_BODY}`],
  ['status 001', `HTTP/1.1 001 X\r\n${WITH_BODY}`],
  ['status 099', `HTTP/1.1 099 X\r\n${WITH_BODY}`],
  ['a status of two digits', `HTTP/1.1 20 X\r\n${WITH_BODY}`],
  ['a status of four digits', `HTTP/1.1 2000 X\r\n${WITH_BODY}`],
  ['a 101 that upgrades to nothing', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
  ['HTTP/0.9', GOOD_BODY],
  ['the preface of HTTP/2', '\0\0\x12\x04\0\0\0\0\0'],
  ['a negative length', `${OK}Content-Length: -5\r\n\r\n${GOOD_BODY}`],
  ['a folded header', `${OK}a: b\r\n c\r\n${WITH_BODY}`],
  ['a NUL in a header', `${OK}a: \0\r\n${WITH_BODY}`],
  ['a chunk size beyond all numbers', `${CHUNKED}ffffffffffffffffffff\r\n{`],
  ['another protocol', 'SSH-2.0-OpenSSH_9\r\n'],
])('%s is told as an answer that is not valid HTTP', async (_what, answer) => {
  await using target = await serveTcp((socket) => socket.once('data', () => socket.end(answer)));
  await using sut = clientUnderTest();
  expect(await sut.read(target.url)).toMatchObject({ outcome: 'bad_body', reason: 'the answer is not valid HTTP' });
});

test.each([
  ['two lengths that differ', `${OK}Content-Length: 5\r\nContent-Length: 6\r\n\r\n${GOOD_BODY}`],
  ['a length and chunks', `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['a length beyond all numbers', `${OK}Content-Length: 99999999999999999999999\r\n\r\n${GOOD_BODY}`],
  ['a length that is longer than its body', `${OK}Content-Length: 5000\r\n\r\n${GOOD_BODY}`],
  ['a length that is shorter than its body', `${OK}Content-Length: 5\r\n\r\n${GOOD_BODY}`],
])('%s never passes as a reading', async (_what, answer) => {
  await using target = await serveTcp((socket) => socket.once('data', () => socket.end(answer)));
  await using sut = clientUnderTest();
  expect((await sut.read(target.url)).outcome).toMatch(/^(bad_body|unreachable)$/);
});
