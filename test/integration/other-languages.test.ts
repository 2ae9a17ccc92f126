import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { until } from '../../harness/until.ts';
import { connectSession } from '../../src/db/connection/session-client.ts';
import { openBoss } from '../../src/jobs/scheduler.ts';
import { createTestDatabase } from '../support/database.ts';

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

test('replicas that start together make the job queue one after the other: who was faster is told in any language', async () => {
  await using database = await createTestDatabase({ empty: true });
  const connectionString = database.url;
  const another = await connectSession({ connectionString, applicationName: 'another replica', timeoutMs: 60_000 });
  await another.query(`select pg_advisory_lock(hashtextextended('seqpulse job queue', 0))`);
  const log = pino({ level: 'silent' });
  const starts = Promise.all([openBoss({ connectionString, log }), openBoss({ connectionString, log })]);
  const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  await until('both wait', 30, async () => (await database.query(waiting)).length === 2);
  expect(await database.query(`select from pg_namespace where nspname = 'pgboss'`)).toEqual([]);
  await another.end();
  for (const boss of await starts) await boss.stop({ graceful: false });
});
