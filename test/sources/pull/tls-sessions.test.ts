import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { testCertificate } from '../../../harness/test-certificate.ts';
import { CAME, clientUnderTest, GOOD_BODY } from './loopback-target.ts';

const certificate = testCertificate({ names: ['127.0.0.1'] });
setDefaultCACertificates([certificate.cert]);

/** An application over TLS that notes of each connection whether it went on with a session. */
async function serve(options: object = {}, port = 0) {
  const resumed: boolean[] = [];
  const server = createServer({ ...certificate, ...options }, (_request, response) => response.end(GOOD_BODY));
  server.on('secureConnection', (socket: TLSSocket) => resumed.push(socket.isSessionReused()));
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const own = (server.address() as AddressInfo).port;
  return {
    resumed,
    port: own,
    url: `https://127.0.0.1:${own}/metrics`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test.each(['TLSv1.2', 'TLSv1.3'])(
  '%s: each read after the first goes on with the session of the last',
  async (maxVersion) => {
    await using app = await serve({ maxVersion });
    await using sut = clientUnderTest();
    for (let read = 0; read < 4; read += 1) expect(await sut.read(app.url)).toEqual(CAME);
    expect(app.resumed).toEqual([false, true, true, true]);
  },
);

test('a server that takes no session of old is read all the same, one with another certificate is not', async () => {
  await using sut = clientUnderTest();
  let port: number;
  {
    await using first = await serve();
    port = first.port;
    expect(await sut.read(first.url)).toEqual(CAME);
  }
  {
    // Restarted, it has other ticket keys.
    await using again = await serve({}, port);
    expect(await sut.read(again.url)).toEqual(CAME);
    expect(await sut.read(again.url)).toEqual(CAME);
    expect(again.resumed).toEqual([false, true]);
  }
  await using stranger = await serve(testCertificate({ names: ['127.0.0.1'] }), port);
  expect(await sut.read(stranger.url)).toMatchObject({ outcome: 'unreachable' });
});
