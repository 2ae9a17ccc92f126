import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { HEALTHY, startObservedApp } from '../../harness/observed-app.ts';
import { openPool } from '../../src/db/connection/pool.ts';
import { connectSession } from '../../src/db/connection/session-client.ts';
import { openBoss } from '../../src/jobs/scheduler.ts';
import { runUntil, START_TIME, TestClock } from '../support/clock.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startTestService } from '../support/service.ts';

/** What somebody may have set on a database, a role or a server, for reasons of their own. Values are SQL. */
const HOSTILE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'German dates': { datestyle: "'German'", timezone: "'Asia/Kathmandu'", intervalstyle: "'sql_standard'" },
  'English dates': { datestyle: "'SQL, DMY'", timezone: "'Pacific/Apia'", intervalstyle: "'iso_8601'" },
  'transactions that may not write, or conflict': {
    default_transaction_isolation: "'serializable'",
    default_transaction_read_only: 'on',
    default_transaction_deferrable: 'on',
    synchronous_commit: 'off',
  },
  'other forms of values': {
    standard_conforming_strings: 'off',
    bytea_output: "'escape'",
    extra_float_digits: '-10',
    client_encoding: "'LATIN1'",
    array_nulls: 'off',
    transform_null_equals: 'on',
    quote_all_identifiers: 'on',
    xmlbinary: "'hex'",
    backslash_quote: 'on',
  },
  'other names, a tablespace that is not there, foreign keys switched off, sessions that end with an error': {
    search_path: 'somebody, pg_catalog',
    row_security: 'off',
    check_function_bodies: 'off',
    default_tablespace: "'gone'",
    temp_tablespaces: "'gone'",
    session_replication_role: "'replica'",
    exit_on_error: 'on',
  },
  impatience: {
    statement_timeout: "'2s'",
    lock_timeout: "'1ms'",
    idle_in_transaction_session_timeout: "'1s'",
    idle_session_timeout: "'300ms'",
  },
  'plans forced or compiled': {
    jit: 'on',
    jit_above_cost: '0',
    plan_cache_mode: "'force_custom_plan'",
    enable_indexscan: 'off',
    enable_bitmapscan: 'off',
    enable_nestloop: 'off',
    enable_sort: 'off',
  },
};

/** Functions that would be found before PostgreSQL's own by a session that looks there first. */
const SOMEBODY = [
  'create schema somebody',
  `create function somebody.now() returns timestamptz language sql as $$ select 'infinity'::timestamptz $$`,
  `create function somebody.count(bigint) returns bigint language sql as 'select 0::bigint'`,
  `create function somebody.jsonb_array_length(jsonb) returns integer language sql as 'select 0'`,
];

async function hostileDatabase(defaults: Readonly<Record<string, string>>): Promise<TestDatabase> {
  const database = await createTestDatabase({ empty: true });
  const name = new URL(database.url).pathname.slice(1);
  for (const statement of SOMEBODY) await database.query(statement);
  for (const [setting, value] of Object.entries(defaults)) {
    await database.query(`alter database ${name} set ${setting} = ${value}`);
  }
  return database;
}

async function expectWholeLife(databaseUrl: string, database: TestDatabase): Promise<void> {
  const clock = new TestClock(START_TIME);
  await using running = await startTestService({ databaseUrl, clock });
  await using app = await startObservedApp();
  app.metrics = { ...HEALTHY, latency_p95: 123.45678901234 };
  const { api } = running;
  const { apiKey } = await api.newProject({ name: 'Größe \\ é', endpoint: app.url, baseline: 'at_trigger' });
  const { deployment_id } = (await api.trigger(apiKey, { env: 'prod', branch: 'a\\b' })).body;
  await runUntil(clock, running, database, START_TIME + 30_000);
  expect((await api.finish(apiKey, { deployment_id, result: 'success' })).body).toMatchObject({ status: 'accepted' });
  await runUntil(clock, running, database, START_TIME + 30_000 + 6 * 60_000);

  const headers = { 'X-API-Key': apiKey };
  const { samples } = (await api.request('GET', `/deployments/${deployment_id}/metrics`, { headers })).body;
  expect(samples).toHaveLength(10);
  expect(samples[0]).toMatchObject({ latency_p95: 123.45678901234 });
  expect((await api.deployment(apiKey, deployment_id)).body).toMatchObject({
    state: 'analyzed',
    branch: 'a\\b',
    started_at: new Date(START_TIME).toISOString(),
    verdict: { verdict: 'ok' },
  });
  expect((await api.request('GET', '/readyz')).status).toBe(200);
  expect((await api.request('GET', '/health')).body.status).toBe('ok');
  expect((await api.operator('GET', '/projects')).body.items[0]).toMatchObject({ name: 'Größe \\ é' });
  expect(running.logged.filter((line) => Number(line.level) >= 40)).toEqual([]);
}

describe('a database whose defaults are not ours: a deployment on it, from an empty database to its verdict', () => {
  test.each(Object.keys(HOSTILE))('%s', async (kind) => {
    await using database = await hostileDatabase(HOSTILE[kind] ?? {});
    await expectWholeLife(database.url, quiet(database));
  });

  test('defaults of the role', async () => {
    await using database = await createTestDatabase({ empty: true });
    const role = `role_${new URL(database.url).pathname.slice(1)}`;
    await database.query(`create role ${role} superuser login password 'words'`);
    for (const [setting, value] of Object.entries(HOSTILE['English dates'] ?? {})) {
      await database.query(`alter role ${role} set ${setting} = ${value}`);
    }
    const url = Object.assign(new URL(database.url), { username: role, password: 'words' });
    await expectWholeLife(url.href, database);
    await database.query(`drop owned by ${role}`);
    await database.query(`drop role ${role}`);
  });
});

test('every kind of session has the settings that it relies on, whatever the database says', async () => {
  const defaults = Object.assign({}, ...Object.values(HOSTILE)) as Record<string, string>;
  await using database = await hostileDatabase({ ...defaults, session_replication_role: "'origin'" });
  const expected = {
    datestyle: 'ISO, MDY',
    timezone: 'UTC',
    intervalstyle: 'postgres',
    default_transaction_isolation: 'read committed',
    default_transaction_read_only: 'off',
    default_transaction_deferrable: 'off',
    standard_conforming_strings: 'on',
    bytea_output: 'hex',
    extra_float_digits: '1',
    client_encoding: 'UTF8',
    search_path: 'pg_catalog, pg_temp',
    lock_timeout: '0',
    idle_session_timeout: '0',
    enable_seqscan: 'off',
    jit: 'off',
    plan_cache_mode: 'auto',
    default_tablespace: '',
  };
  const text = 'select name, setting from pg_settings where lower(name) = any($1)';
  const asked = [Object.keys(expected)];
  const settingsOf = (rows: { name: string; setting: string }[]) =>
    Object.fromEntries(rows.map(({ name, setting }) => [name.toLowerCase(), setting]));

  const { url: connectionString } = database;
  const timeouts = { connectionTimeoutMs: 5_000, queryTimeoutMs: 5_000 };
  const pool = openPool({ connectionString, max: 1, applicationName: 'test', ...timeouts, onIdleError: () => {} });
  expect(settingsOf((await pool.query(text, asked)).rows)).toEqual(expected);
  await pool.end();
  const session = await connectSession({ connectionString, applicationName: 'test', timeoutMs: 5_000 });
  expect(settingsOf((await session.query(text, asked)).rows)).toEqual(expected);
  await session.end();
  const boss = await openBoss({ connectionString, log: pino({ level: 'silent' }) });
  expect(settingsOf((await boss.getDb().executeSql(text, asked)).rows)).toEqual(expected);
  await boss.stop({ graceful: false });
});

test('a database in another encoding is refused at the start, with what to do', async () => {
  await using database = await createTestDatabase({ empty: true });
  const name = `${new URL(database.url).pathname.slice(1)}_latin1`;
  await database.query(`create database ${name} encoding 'LATIN1' locale 'C' template template0`);
  const url = Object.assign(new URL(database.url), { pathname: `/${name}` });
  await expect(startTestService({ databaseUrl: url.href })).rejects.toThrow(/its encoding is LATIN1.*encoding 'UTF8'/);
  await database.query(`drop database ${name} with (force)`);
});

/** The test's own look at the database must not itself suffer from the defaults. */
function quiet(database: TestDatabase): TestDatabase {
  const pool = openPool({
    connectionString: database.url,
    max: 1,
    applicationName: 'test',
    connectionTimeoutMs: 10_000,
    queryTimeoutMs: 10_000,
    onIdleError: () => {},
  });
  return {
    url: database.url,
    query: async <Row extends object>(text: string, values?: unknown[]) =>
      (await pool.query(text, values)).rows as Row[],
    [Symbol.asyncDispose]: async () => await pool.end(),
  };
}
