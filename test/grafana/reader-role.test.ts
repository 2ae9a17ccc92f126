import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { roleStatements } from '../../grafana/role/reader-role.ts';
import { parseRoleSettings } from '../../grafana/role/role-settings.ts';
import { scramVerifier } from '../../grafana/role/scram-verifier.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const SCRIPT = fileURLToPath(new URL('../../grafana/role/grafana-role.ts', import.meta.url));
const PASSWORD = `pass word's ${randomBytes(6).toString('hex')}`;
const suffix = randomBytes(4).toString('hex');
const role = `reader_${suffix}`;
const ownDatabases = [`owner_${suffix}`, `plain_${suffix}`];
const madeRoles = [role, `of_owner_${suffix}`, `stranger_${suffix}`, ...ownDatabases];

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  const { code, output } = await runScript({ GRAFANA_SQL_USER: role, GRAFANA_SQL_PASSWORD: PASSWORD });
  expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining(`Role ${role} created`) });
});
afterAll(async () => {
  for (const name of ownDatabases) await database.query(`drop database if exists ${name} with (force)`);
  for (const name of madeRoles) {
    const [found] = await database.query('select 1 from pg_roles where rolname = $1', [name]);
    if (found === undefined) continue;
    await database.query(`drop owned by ${name}`);
    await database.query(`drop role ${name}`);
  }
  await database[Symbol.asyncDispose]();
});

function runScript(env: Record<string, string>, databaseUrl = database.url) {
  return new Promise<{ code: number; output: string }>((resolve) => {
    const options = { env: { PATH: process.env.PATH ?? '', DATABASE_URL: databaseUrl, ...env } };
    execFile(process.execPath, [SCRIPT], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
    );
  });
}

function urlAs(user: string, password: string): string {
  const url = new URL(database.url);
  url.username = user;
  url.password = encodeURIComponent(password);
  return url.href;
}

async function as<Result>(
  user: string,
  password: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString: urlAs(user, password) });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
const reading = async (sql: string) => await as(role, PASSWORD, async (client) => (await client.query(sql)).rows);

async function storedVerifier(): Promise<string> {
  const rows = await database.query<{ rolpassword: string }>('select rolpassword from pg_authid where rolname = $1', [
    role,
  ]);
  return rows[0]?.rolpassword ?? '';
}

async function relations(condition: string): Promise<string[]> {
  const rows = await database.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'v', 'm') and ${condition}`,
  );
  return rows.map(({ name }) => name);
}

test('the role reads every view of kpi', async () => {
  const views = await relations(`n.nspname = 'kpi'`);
  expect(views.length).toBeGreaterThanOrEqual(7);
  for (const view of views) await reading(`select * from ${view} limit 1`);
});

test('the role reads no table, neither ours nor the queue’s', async () => {
  const tables = await relations(`n.nspname in ('seqpulse', 'pgboss', 'public')`);
  expect(tables).toEqual(expect.arrayContaining(['seqpulse.api_keys', 'seqpulse.projects', 'pgboss.job']));
  for (const table of tables)
    await expect(reading(`select * from ${table}`), table).rejects.toThrow(/permission denied/);
});

test.each([
  ['write through a view', `insert into kpi.projects values ('x')`],
  ['delete through a view', 'delete from kpi.deployments'],
  ['make a table', 'create table kpi.mine (id int)'],
  ['make a table in public', 'create table public.mine (id int)'],
  ['make a view of a table', 'create temp view mine as select * from seqpulse.api_keys'],
  ['write after lifting read-only', `set default_transaction_read_only = off; update kpi.projects set project = 'x'`],
])('the role may not %s', async (_, sql) => {
  await expect(reading(sql)).rejects.toThrow(/permission denied|read-only|cannot (insert|delete|update)/);
});

test('a view that a later release adds is readable without running the command again', async () => {
  await database.query('create view kpi.added_later as select 1 as one');
  expect(await reading('select one from added_later')).toEqual([{ one: 1 }]);
});

test('running the command again changes the password', async () => {
  const next = 'another password';
  const { code, output } = await runScript({ GRAFANA_SQL_USER: role, GRAFANA_SQL_PASSWORD: next });
  expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining(`Role ${role} updated`) });
  // Compared with what is stored, for a server that trusts local connections lets every password in.
  const stored = await storedVerifier();
  const salt = Buffer.from(/:([^$]+)\$/.exec(stored)?.[1] ?? '', 'base64');
  expect(stored).toBe(scramVerifier(next, salt));
  expect(stored).not.toBe(scramVerifier(PASSWORD, salt));
  await as(role, next, async () => {});
  await runScript({ GRAFANA_SQL_USER: role, GRAFANA_SQL_PASSWORD: PASSWORD });
});

test('the password is sent hashed and printed nowhere', async () => {
  const { output } = await runScript({ GRAFANA_SQL_USER: role, GRAFANA_SQL_PASSWORD: PASSWORD });
  expect(output).not.toContain(PASSWORD);
  expect(await storedVerifier()).toMatch(/^SCRAM-SHA-256\$4096:/);
});

test('a role that the command did not make is left as it is', async () => {
  const stranger = `stranger_${suffix}`;
  await database.query(`create role ${stranger} login password 'its own password'`);
  const { code, output } = await runScript({ GRAFANA_SQL_USER: stranger, GRAFANA_SQL_PASSWORD: PASSWORD });
  expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('was not made by this command') });
  await as(stranger, 'its own password', async () => {});
});

/** A database that belongs to a user without other rights than `attributes`, as on a managed server. */
async function databaseOfOwnUser(user: string, attributes: string): Promise<string> {
  await database.query(`create role ${user} login ${attributes} password 'user password'`);
  await database.query(`create database ${user} owner ${user}`);
  const url = new URL(urlAs(user, 'user password'));
  url.pathname = `/${user}`;
  return url.href;
}

test('an owner of the database with CREATEROLE is enough', async () => {
  const owner = `owner_${suffix}`;
  const url = await databaseOfOwnUser(owner, 'createrole');
  const settings = { GRAFANA_SQL_USER: `of_${owner}`, GRAFANA_SQL_PASSWORD: PASSWORD };
  expect(await runScript(settings, url)).toEqual({ code: 0, output: expect.stringContaining('created') });
  expect(await runScript(settings, url)).toEqual({ code: 0, output: expect.stringContaining('updated') });
});

test('an owner without CREATEROLE gets a line that leads to the SQL in the docs', async () => {
  const plain = `plain_${suffix}`;
  const url = await databaseOfOwnUser(plain, '');
  const settings = { GRAFANA_SQL_USER: `of_${plain}`, GRAFANA_SQL_PASSWORD: PASSWORD };
  expect(await runScript(settings, url)).toEqual({ code: 1, output: expect.stringContaining('docs/grafana.md') });
});

test('wrong settings are named all at once, without their values', () => {
  const parsed = parseRoleSettings({
    DATABASE_URL: 'mysql://x',
    GRAFANA_SQL_USER: 'pg_reader',
    GRAFANA_SQL_PASSWORD: 'short12',
  });
  if (parsed.ok) throw new Error('accepted');
  expect(parsed.faults.map((fault) => fault.split(':')[0])).toEqual([
    'DATABASE_URL',
    'GRAFANA_SQL_USER',
    'GRAFANA_SQL_PASSWORD',
  ]);
  expect(parsed.faults.join()).not.toMatch(/mysql|short12/);
});

test('eight characters are enough for a password, and an empty user means the default', () => {
  const parsed = parseRoleSettings({
    DATABASE_URL: 'postgres://x',
    GRAFANA_SQL_USER: '',
    GRAFANA_SQL_PASSWORD: 'short123',
  });
  expect(parsed).toEqual({
    ok: true,
    settings: { databaseUrl: 'postgres://x', role: 'grafana_reader', password: 'short123', schema: 'kpi' },
  });
});

test('the SQL in the docs is what the command runs', () => {
  const page = readFileSync(new URL('../../docs/grafana.md', import.meta.url), 'utf8');
  for (const statement of roleStatements('create', 'grafana_reader', 'seqpulse', "'<password>'")) {
    expect(page).toContain(`${statement};`);
  }
});
