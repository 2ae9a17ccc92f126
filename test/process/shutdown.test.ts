import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HEALTHY, startObservedApp } from '../../harness/observed-app.ts';
import { openOtlpSink } from '../../harness/otlp-sink.ts';
import { startServiceProcess } from '../../harness/service-process.ts';
import { until } from '../../harness/until.ts';
import { createTestDatabase } from '../support/database.ts';
import { startDatabaseProxy } from '../support/database-proxy.ts';

const env = (databaseUrl: string) => ({
  DATABASE_URL: databaseUrl,
  SEQPULSE_PRE_SAMPLES: '1',
  SEQPULSE_POST_INTERVAL_SECONDS: '0.2',
});

test('SIGTERM lets a running read finish and stores its sample', async () => {
  await using database = await createTestDatabase();
  await using app = await startObservedApp();
  await using service = await startServiceProcess(env(database.url));
  const project = await service.api.newProject({ name: 'shop', endpoint: app.url });
  const held: ServerResponse[] = [];
  app.behaviour = (response) => held.push(response);
  await service.api.trigger(project.apiKey, { env: 'prod' });
  const response = await until('a read under way', 10, () => held[0]);
  service.kill('SIGTERM');
  await until('the stop to begin', 5, () => service.logged.some((line) => line.event === 'service_stopping'));
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ metrics: HEALTHY }));
  expect(await service.exited).toMatchObject({ code: 0, stderr: '' });
  expect(await database.query('select 1 from seqpulse.samples')).toHaveLength(1);
  expect(
    await database.query("select 1 from pgboss.job where name = 'pre_collect' and state = 'completed'"),
  ).toHaveLength(1);
});

test('SIGTERM gives back what can not finish, with no try used up and no failure counted', async () => {
  await using database = await createTestDatabase();
  await using app = await startObservedApp();
  // Long enough that the read outlives the grace: the application answers, byte by byte, for ever.
  await using service = await startServiceProcess({ ...env(database.url), SEQPULSE_RETRY_DELAYS_SECONDS: '0' });
  const project = await service.api.newProject({ name: 'shop', endpoint: app.url });
  let reads = 0;
  app.behaviour = () => {
    reads += 1;
  };
  await service.api.trigger(project.apiKey, { env: 'prod' });
  // The first try takes 5 s, the second starts right after: it is the one that is under way.
  await until('the second read', 15, () => reads >= 2);
  service.kill('SIGTERM');
  const { code, stderr } = await service.exited;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(
    await database.query('select 1 from seqpulse.job_failures where reason not like $1', ['%did not answer%']),
  ).toHaveLength(0);
});

test('requests under way are answered before the service ends, new ones are refused', async () => {
  await using database = await createTestDatabase();
  await using app = await startObservedApp();
  await using service = await startServiceProcess(env(database.url));
  const project = await service.api.newProject({ name: 'shop', endpoint: app.url });
  const { status } = await service.api.operator('POST', `/projects/${project.id}/hmac`);
  expect(status).toBe(200);
  const held: ServerResponse[] = [];
  app.behaviour = (response) => held.push(response);
  // The preflight of a signed project reads the application inside the request.
  const pending = service.api.trigger(project.apiKey, { env: 'prod' });
  const response = await until('a preflight under way', 10, () => held[0]);
  service.kill('SIGTERM');
  await until('the stop to begin', 5, () => service.logged.some((line) => line.event === 'service_stopping'));
  await expect(fetch(`${service.url}/livez`)).rejects.toThrow();
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ metrics: HEALTHY }));
  expect((await pending).body.status).toBe('created');
  expect(await service.exited).toMatchObject({ code: 0, stderr: '' });
});

test('with a delay a probe reads 503 while everything is still served; a second signal does not wait for its end', async () => {
  await using database = await createTestDatabase();
  await using service = await startServiceProcess({ ...env(database.url), SEQPULSE_SHUTDOWN_DELAY_SECONDS: '600' });
  expect((await service.api.request('GET', '/readyz')).status).toBe(200);
  service.kill('SIGTERM');
  await until('a probe to read 503', 60, async () => (await service.api.request('GET', '/readyz')).status === 503);
  expect((await service.api.operator('GET', '/projects')).status).toBe(200);
  await until('the second signal to count', 60, async () => {
    service.kill('SIGTERM');
    return await Promise.race([service.exited, new Promise<null>((resolve) => setTimeout(resolve, 50, null))]);
  });
  expect(await service.exited).toMatchObject({ code: 143, stderr: '' });
});

test('when the delay is over the service ends by itself', async () => {
  await using database = await createTestDatabase();
  await using service = await startServiceProcess({ ...env(database.url), SEQPULSE_SHUTDOWN_DELAY_SECONDS: '1' });
  service.kill('SIGTERM');
  expect(await service.exited).toMatchObject({ code: 0, stderr: '' });
});

test.for(['SIGINT', 'SIGHUP'] as const)('%s asks for the same orderly stop', async (signal) => {
  await using database = await createTestDatabase();
  await using service = await startServiceProcess(env(database.url));
  service.kill(signal);
  expect(await service.exited).toMatchObject({ code: 0, stderr: '' });
});

test('when the embedded server dies the service ends and says what to do', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'embedded-'));
  await using service = await startServiceProcess({ SEQPULSE_DATA_DIR: dataDir });
  const started = service.logged.find((line) => line.event === 'embedded_database.started');
  process.kill(Number(started?.pid), 'SIGKILL');
  const { code, stderr } = await service.exited;
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /seqpulse: The embedded PostgreSQL of .* has stopped: see server\.log .* start the service again/,
  );
  await rm(dataDir, { recursive: true });
});

test('with the database, the applications and the Collector hanging it still ends by itself', async () => {
  await using database = await createTestDatabase();
  await using proxy = await startDatabaseProxy(database.url);
  await using app = await startObservedApp();
  await using sink = await openOtlpSink(() => {});
  await using service = await startServiceProcess({
    ...env(proxy.url),
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    OTEL_METRICS_EXPORTER: 'prometheus,otlp',
    OTEL_LOGS_EXPORTER: 'otlp',
  });
  const { api } = service;
  const project = await api.newProject({ name: 'shop', endpoint: app.url });
  let reads = 0;
  app.behaviour = () => {
    reads += 1;
  };
  await api.trigger(project.apiKey, { env: 'prod' });
  await until('a read under way', 15, () => reads > 0);
  proxy.hang();
  const pending = api.trigger(project.apiKey, { env: 'prod' }).catch(() => null);
  service.kill('SIGTERM');
  // Not by a second signal, nor by whoever loses patience: 13 s, measured alone (test/compose/stop-grace.test.ts).
  expect((await service.exited).code).toBe(0);
  await pending;
});
