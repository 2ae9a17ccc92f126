import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { connectSession } from '../../src/db/connection/session-client.ts';

/** PostgreSQL's ErrorResponse: a letter for each field, its text, a NUL. */
function errorResponse(fields: Readonly<Record<string, string>>): Buffer {
  const body = Buffer.from(
    `${Object.entries(fields)
      .map(([letter, text]) => `${letter}${text}\0`)
      .join('')}\0`,
  );
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

test('a server that refuses a session is told apart from a fault of ours in whatever language it does', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () =>
      socket.end(errorResponse({ S: 'ВАЖНО', C: '55000', M: 'база данных не принимает подключения' })),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connectionString = `postgres://somebody@127.0.0.1:${port}/any`;
  await expect(connectSession({ connectionString, applicationName: 'test', timeoutMs: 60_000 })).rejects.toMatchObject({
    code: '55000',
    severity: 'FATAL',
  });
  server.close();
});
