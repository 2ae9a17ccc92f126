import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { runServiceProcess, startServiceProcess } from '../../harness/service-process.ts';
import { createTestDatabase } from '../support/database.ts';

/** EX_CONFIG of sysexits.h. */
const EXIT_CONFIG = 78;

test('wrong settings stop the start with exit code 78 and one message that names them all', async () => {
  const { code, stderr } = await runServiceProcess({
    PORT: 'eighty',
    SEQPULSE_RETENTION_DAYS: '0',
    SEQPULSE_TARGET_ALOW: '10.0.0.0/8',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318',
    SEQPULSE_ADMIN_TOKEN: 'too-short',
  });
  expect(code).toBe(EXIT_CONFIG);
  for (const name of [
    'PORT',
    'SEQPULSE_RETENTION_DAYS',
    'SEQPULSE_TARGET_ALOW',
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'SEQPULSE_ADMIN_TOKEN',
  ]) {
    expect(stderr).toContain(name);
  }
  expect(stderr).toContain('SEQPULSE_TARGET_ALLOW');
  expect(stderr).not.toContain('too-short');
});

test('a port in use stops the start with one line that says what to do', async () => {
  await using database = await createTestDatabase();
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const address = holder.address();
  const port = typeof address === 'object' && address !== null ? String(address.port) : '';
  const { code, stderr } = await runServiceProcess({ DATABASE_URL: database.url, PORT: port });
  holder.close();
  expect(code).toBe(1);
  expect(stderr).toBe(`seqpulse: Port ${port} on 127.0.0.1 is already in use: stop what listens there, or set PORT.\n`);
});

test('a database that is not there stops the start with one line, without its password', async () => {
  const { code, stderr } = await runServiceProcess({ DATABASE_URL: 'postgres://u:geheim@127.0.0.1:1/db' });
  expect(code).toBe(1);
  expect(stderr).toBe(
    'seqpulse: The database can’t be used: nothing listens at its host and port. Check DATABASE_URL.\n',
  );
});

test('a wrong password and an unknown database are told apart', async () => {
  await using database = await createTestDatabase();
  const missing = new URL(database.url);
  missing.pathname = '/no_such_database';
  const { stderr } = await runServiceProcess({ DATABASE_URL: missing.href });
  expect(stderr).toContain('it has no database of that name');
});

test('another secret key is refused once something is encrypted, and taken over before', async () => {
  await using database = await createTestDatabase();
  {
    await using service = await startServiceProcess({ DATABASE_URL: database.url });
    const project = await service.api.newProject({ name: 'shop' });
    await service.api.operator('POST', `/projects/${project.id}/hmac`);
  }
  const { code, stderr } = await runServiceProcess({
    DATABASE_URL: database.url,
    SEQPULSE_SECRET_KEY: '22'.repeat(32),
  });
  expect(code).toBe(1);
  expect(stderr).toContain('SEQPULSE_SECRET_KEY is not the key');
  await database.query('update seqpulse.projects set hmac_secret_encrypted = null');
  await using _ = await startServiceProcess({ DATABASE_URL: database.url, SEQPULSE_SECRET_KEY: '22'.repeat(32) });
});

test('four replicas that start at once on an empty database all serve', async () => {
  await using database = await createTestDatabase({ empty: true });
  const replicas = await Promise.all(
    Array.from({ length: 4 }, () => startServiceProcess({ DATABASE_URL: database.url })),
  );
  try {
    for (const replica of replicas) {
      const { status, body } = await replica.api.request('GET', '/readyz');
      expect({ status, ...body }).toMatchObject({ status: 'ready' });
    }
  } finally {
    for (const replica of replicas) await replica[Symbol.asyncDispose]();
  }
});
