import { once } from 'node:events';
import http from 'node:http';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { onClientGone } from '../../src/http/client-gone.ts';

/** A request whose client leaves before or after the service asks to be told; resolves once it is told. */
async function toldOf(when: 'before' | 'after'): Promise<void> {
  const server = http.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const asked = once(server, 'request') as Promise<[http.IncomingMessage, http.ServerResponse]>;
  const client = connect(port, '127.0.0.1');
  try {
    client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const [, response] = await asked;
    const { promise, resolve } = Promise.withResolvers<void>();
    const closed = once(response, 'close');
    if (when === 'after') onClientGone(response, resolve);
    client.destroy();
    await closed;
    if (when === 'before') onClientGone(response, resolve);
    await promise;
  } finally {
    client.destroy();
    server.close();
  }
}

test.each(['before', 'after'] as const)('a client that leaves %s the service asks is told of', async (when) => {
  await expect(toldOf(when)).resolves.toBeUndefined();
});
