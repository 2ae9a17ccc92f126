import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import { expect, test } from 'vitest';
import { migrate } from '../../src/db/connection/migrate.ts';
import { createTestDatabase } from '../support/database.ts';
import { startTestService } from '../support/service.ts';

const FOLDER = fileURLToPath(new URL('../../src/db/migrations', import.meta.url));
const PROJECT = '00000000-0000-4000-8000-00000000000a';
const deployment = (place: number) => `00000000-0000-4000-8000-0000000000${place}`;

test('deployments without a number get one, and baselines among the samples become rows of their own', async () => {
  await using database = await createTestDatabase({ empty: true });
  await runner({
    databaseUrl: database.url,
    dir: FOLDER,
    direction: 'up',
    count: 7,
    migrationsTable: 'migrations',
    migrationsSchema: 'seqpulse',
    createMigrationsSchema: true,
    schema: ['seqpulse', 'public'],
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  });
  await database.query(
    `insert into seqpulse.projects (id, name, observation_window_minutes, finish_deadline_minutes, created_at, last_deployment_number)
     values ($1, 'old', 5, 120, now(), 2)`,
    [PROJECT],
  );
  // Two were stored by services that died before they had numbered them: 13 began before 12.
  await database.query(
    `insert into seqpulse.deployments (id, project_id, number, env, state, metrics_endpoint, started_at, finish_deadline_at, pre_expected)
     select id, $1, number, 'prod', 'analyzed', 'http://x.example', '2026-01-01T00:00:00Z'::timestamptz + minute * interval '1 minute', now(), 5
     from (values ($2::uuid, 1, 1), ($3, 2, 2), ($4, null, 9), ($5, null, 7)) as old (id, number, minute)`,
    [PROJECT, deployment(10), deployment(11), deployment(12), deployment(13)],
  );
  await database.query(
    `insert into seqpulse.samples
     select $1::uuid, phase, sequence, at, at, sequence, 100 + sequence, 0, .5, .6
     from (values ('baseline', 1, '2026-01-01T00:02:00Z'::timestamptz), ('baseline', 0, '2026-01-01T00:01:00Z'),
       ('pre', 0, '2026-01-01T00:03:00Z')) as old (phase, sequence, at)`,
    [deployment(10)],
  );

  await migrate(database.url, () => {});

  expect(await database.query('select id, number from seqpulse.deployments order by number')).toEqual([
    { id: deployment(10), number: 1 },
    { id: deployment(11), number: 2 },
    { id: deployment(13), number: 3 },
    { id: deployment(12), number: 4 },
  ]);
  expect(await database.query('select last_deployment_number as last from seqpulse.projects')).toEqual([{ last: 4 }]);
  expect(await database.query('select phase from seqpulse.samples')).toEqual([{ phase: 'pre' }]);
  expect(await database.query('select * from seqpulse.deployment_baselines')).toEqual([
    {
      deployment_id: deployment(10),
      newest_at: new Date('2026-01-01T00:02:00Z'),
      collected_at: [new Date('2026-01-01T00:01:00Z'), new Date('2026-01-01T00:02:00Z')],
      requests_per_sec: [0, 1],
      latency_p95: [100, 101],
      error_rate: [0, 0],
      cpu_usage: [0.5, 0.5],
      memory_usage: [0.6, 0.6],
      facts: null,
      project_id: null,
    },
  ]);
});

test('replicas that start at once on an empty database all come up, and each migration has run once', async () => {
  await using database = await createTestDatabase({ empty: true });
  await using started = new AsyncDisposableStack();
  const replicas = await Promise.all(
    Array.from({ length: 3 }, async () => started.use(await startTestService({ databaseUrl: database.url }))),
  );
  for (const replica of replicas) {
    expect((await fetch(`${replica.service.url}/readyz`)).status).toBe(200);
  }
  const files = readdirSync(FOLDER).map((file) => file.replace('.sql', ''));
  expect(
    (await database.query<{ name: string }>('select name from seqpulse.migrations order by id')).map(
      ({ name }) => name,
    ),
  ).toEqual(files.sort());
});

test('a release that is older than the schema starts, serves, and says so', async () => {
  await using database = await createTestDatabase();
  await database.query(`insert into seqpulse.migrations (name, run_on) values ('9999_of_a_newer_release', now())`);
  await database.query('alter table seqpulse.projects add column of_a_newer_release text');
  await using running = await startTestService({ databaseUrl: database.url });
  expect((await running.api.request('GET', '/readyz')).status).toBe(200);
  await running.api.newProject({ name: 'shop' });
  expect(running.logged.filter(({ event }) => event === 'schema_newer')).toMatchObject([
    { migrations: ['9999_of_a_newer_release'] },
  ]);
});
