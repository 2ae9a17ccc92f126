import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { schemaName } from '../../src/config/formats.ts';
import { migrate } from '../../src/db/connection/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startTestService } from '../support/service.ts';

/** A role that may do nothing but what schemas of its own allow. */
async function withRole(
  database: TestDatabase,
  schemas: readonly string[],
): Promise<{ url: string; drop(): Promise<void> }> {
  const role = `role_${randomBytes(6).toString('hex')}`;
  const name = new URL(database.url).pathname.slice(1);
  await database.query(`create role ${role} login password 'words'`);
  await database.query(`revoke create on database ${name} from public`);
  for (const schema of schemas) await database.query(`create schema ${schema} authorization ${role}`);
  return {
    url: Object.assign(new URL(database.url), { username: role, password: 'words' }).href,
    async drop() {
      await database.query(`drop owned by ${role}`);
      await database.query(`drop role ${role}`);
    },
  };
}

const functionsIn = async (database: TestDatabase, schema: string) =>
  await database.query('select proname as name from pg_proc where pronamespace = $1::regnamespace order by 1', [
    schema,
  ]);

const viewsIn = async (database: TestDatabase, schema: string) =>
  (await database.query('select viewname from pg_views where schemaname = $1', [schema])).length;

test('schemas that an administrator made, for a role that may make none', async () => {
  await using database = await createTestDatabase({ empty: true });
  const role = await withRole(database, ['seqpulse', 'pgboss', 'kpi']);
  const running = await startTestService({ databaseUrl: role.url });
  expect((await running.api.request('GET', '/readyz')).status).toBe(200);
  expect(await viewsIn(database, 'kpi')).toBe(10);
  await running[Symbol.asyncDispose]();
  // And at every start after it.
  await (await startTestService({ databaseUrl: role.url }))[Symbol.asyncDispose]();
  await role.drop();
});

test('schemas that stay the administrator’s, in which a role may create', async () => {
  await using database = await createTestDatabase({ empty: true });
  const role = await withRole(database, []);
  for (const schema of ['seqpulse', 'pgboss', 'kpi']) {
    await database.query(`create schema ${schema}`);
    await database.query(`grant all on schema ${schema} to ${new URL(role.url).username}`);
  }
  for (const _start of ['the first', 'every later one']) {
    await using running = await startTestService({ databaseUrl: role.url });
    expect((await running.api.request('GET', '/readyz')).status).toBe(200);
  }
  expect(await viewsIn(database, 'kpi')).toBe(10);
  await role.drop();
});

test('a role that may make no schemas, and has none: the start says what it lacks', async () => {
  await using database = await createTestDatabase({ empty: true });
  const role = await withRole(database, []);
  await expect(startTestService({ databaseUrl: role.url })).rejects.toThrow(/its user lacks a right \(.+\)/);
  await role.drop();
});

test('a schema kpi of somebody else’s stays as it is, and the start names the setting', async () => {
  await using database = await createTestDatabase({ empty: true });
  await database.query('create schema kpi');
  await database.query('create table kpi.revenue (amount integer)');
  await expect(startTestService({ databaseUrl: database.url })).rejects.toThrow(/revenue.*SEQPULSE_KPI_SCHEMA/);
  const running = await startTestService({ databaseUrl: database.url, env: { SEQPULSE_KPI_SCHEMA: 'seqpulse_kpi' } });
  expect(await viewsIn(database, 'seqpulse_kpi')).toBe(10);
  expect(await database.query(`select relname from pg_class where relnamespace = 'kpi'::regnamespace`)).toEqual([
    { relname: 'revenue' },
  ]);
  await running[Symbol.asyncDispose]();
});

test('a name that the server would not take without quotes is refused where it is set', async () => {
  await using database = await createTestDatabase({ empty: true });
  const rows = await database.query<{ word: string }>(`select word from pg_get_keywords() where catcode in ('R', 'T')`);
  expect(rows.length).toBeGreaterThan(90);
  expect(rows.map(({ word }) => word).filter((word) => schemaName.schema.safeParse(word).success)).toEqual([]);
});

const FUNCTIONS = [
  'busiest_deployments',
  'busiest_dora_deployments',
  'busiest_feedback',
  'deployment_hours',
  'dora_hours',
  'newest_marked_wrong',
  'percentiles',
  'sample_hours',
  'worst_newest_verdict',
].map((name) => ({ name }));

/** Each of them answers: what its body names is where it looks. */
async function callAll(database: TestDatabase, schema: string): Promise<void> {
  const range = `now() - interval '1 day', now(), array[null]::text[]`;
  for (const call of [
    `deployment_hours(${range})`,
    `dora_hours(${range})`,
    `sample_hours(${range})`,
    `percentiles('lead_time_seconds', ${range}, array[null]::text[], array[0.5])`,
    `busiest_deployments(${range}, array[null]::text[])`,
    `busiest_dora_deployments(${range}, array[null]::text[])`,
    `busiest_feedback(${range}, array[null]::text[])`,
    `newest_marked_wrong(${range}, array[null]::text[])`,
    `worst_newest_verdict(${range}, array[null]::text[])`,
  ]) {
    await database.query(`select * from ${schema}.${call}`);
  }
}

test('views and their functions move when the setting changes, and only ours', async () => {
  await using database = await createTestDatabase();
  await database.query('create view kpi.of_mine as select count(*) from seqpulse.deployments');
  await migrate(database.url, () => {}, 'numbers');
  expect([await viewsIn(database, 'numbers'), await viewsIn(database, 'kpi')]).toEqual([10, 1]);
  expect(await functionsIn(database, 'numbers')).toEqual(FUNCTIONS);
  await callAll(database, 'numbers');
  await database.query(`create function kpi.deployment_hours() returns integer language sql return 1`);
  await migrate(database.url, () => {}, 'numbers');
  await database.query('drop view kpi.of_mine');
  await database.query('drop function kpi.deployment_hours()');
  await migrate(database.url, () => {});
  expect([await viewsIn(database, 'numbers'), await viewsIn(database, 'kpi')]).toEqual([0, 10]);
  expect([await functionsIn(database, 'numbers'), await functionsIn(database, 'kpi')]).toEqual([[], FUNCTIONS]);
  await callAll(database, 'kpi');
});
