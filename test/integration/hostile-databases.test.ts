import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { startObservedApp } from '../../harness/observed-app.ts';
import { startOwnServer } from '../../harness/own-server.ts';
import { ADMIN_TOKEN } from '../../harness/service-process.ts';
import { until } from '../../harness/until.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startTestService } from '../support/service.ts';
import { expectWholeLife, quietly } from '../support/whole-life.ts';

const nameOf = (database: TestDatabase): string => new URL(database.url).pathname.slice(1);

/** Another database on the same server, made as `options` say. `name` is SQL. */
async function withDatabase(
  name: string,
  options: string,
  use: (database: TestDatabase) => Promise<void>,
): Promise<void> {
  await using server = await createTestDatabase({ empty: true });
  await server.query(`create database ${name} ${options}`);
  const bare = name.replace(/^"|"$/g, '').replaceAll('""', '"');
  const url = Object.assign(new URL(server.url), { pathname: `/${encodeURIComponent(bare)}` });
  try {
    await using looks = quietly({ ...server, url: url.href });
    await use(looks);
  } finally {
    await server.query(`drop database ${name} with (force)`);
  }
}

/** A role with the right to make what the service needs, made as `options` say; `use` gets the URL that signs in as it. */
async function withRole(
  database: TestDatabase,
  options: string,
  use: (url: string, role: string) => Promise<void>,
): Promise<void> {
  const role = `role_${randomBytes(6).toString('hex')}`;
  await database.query(`create role ${role} login password 'words' ${options}`);
  await database.query(`grant create on database ${nameOf(database)} to ${role}`);
  try {
    await use(Object.assign(new URL(database.url), { username: role, password: 'words' }).href, role);
  } finally {
    await database.query(`drop owned by ${role}`);
    await database.query(`drop role ${role}`);
  }
}

const unique = (name: string): string => `${name}_${randomBytes(4).toString('hex')}`;

test.each(['LATIN1', 'SQL_ASCII', 'EUC_JP'])(
  'a database in %s is refused at the start, with what to do',
  async (encoding) => {
    await withDatabase(
      unique('other'),
      `encoding '${encoding}' locale_provider libc locale 'C' template template0`,
      async ({ url }) => {
        await expect(startTestService({ databaseUrl: url })).rejects.toThrow(
          new RegExp(`its encoding is ${encoding}.*encoding 'UTF8'`),
        );
      },
    );
  },
);

test.each([
  'tr-TR',
  'de-DE-u-co-phonebk',
  // Case and accents compare as one.
  'und-u-ks-level1',
])('a database that sorts by ICU’s %s: a deployment on it, and lists in one order', async (locale) => {
  const options = `encoding 'UTF8' locale 'C' locale_provider icu icu_locale '${locale}' template template0`;
  await withDatabase(unique('icu'), options, async (database) => {
    await expectWholeLife(database.url, database);
    await using app = await startObservedApp();
    await using running = await startTestService({ databaseUrl: database.url });
    const { api } = running;
    const envs = ['ılık', 'I', 'i', 'İ', 'äb', 'ab', 'AB', 'aB'];
    const { id, apiKey } = await api.newProject({ name: 'ILIK', endpoint: app.url, envs });
    for (const name of ['ilik', 'ılık', 'ILIK 2', 'Ilik']) await api.newProject({ name });
    expect((await api.operator('GET', `/projects/${id}`)).body.envs.toSorted()).toEqual(envs.toSorted());
    // Each page begins where the one before ended: nothing is missing, nothing comes twice.
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query = `limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const { body } = (await api.operator('GET', `/projects?${query}`)) as {
        body: { items: { name: string }[]; next_cursor: string | null };
      };
      seen.push(...body.items.map(({ name }) => name));
      cursor = body.next_cursor;
    }
    expect(seen.toSorted()).toEqual(['Größe \\ é', 'ILIK', 'ILIK 2', 'Ilik', 'ilik', 'ılık'].toSorted());
    // Names that only this order takes for one are two environments, each with a deployment of its own.
    const ids = new Set<string>();
    for (const env of envs) ids.add((await api.trigger(apiKey, { env })).body.deployment_id);
    expect(ids.size).toBe(envs.length);
  });
});

test('names that need quotes: of the database, of the role and in its password', async () => {
  const name = `"${unique(`Mixed ""Case"" 100% o'clock /a?b#c&d@e:f%2F`)}"`;
  await withDatabase(name, '', async (database) => {
    const role = `"${unique("Who's")}"`;
    await database.query(`create role ${role} superuser login password 'a:b@c/d%e?f#g'`);
    const url = Object.assign(new URL(database.url), {
      username: role.slice(1, -1),
      password: encodeURIComponent('a:b@c/d%e?f#g'),
    });
    await expectWholeLife(url.href, database);
    await database.query(`drop owned by ${role}`);
    await database.query(`drop role ${role}`);
  });
});

const RUDE = {
  datestyle: "'SQL, DMY'",
  timezone: "'Pacific/Apia'",
  search_path: "''",
  default_transaction_read_only: 'on',
  default_transaction_isolation: "'serializable'",
  statement_timeout: "'1s'",
  idle_session_timeout: "'300ms'",
};

test.each(['', 'in database'])('defaults of a role %s', async (where) => {
  await using database = await createTestDatabase({ empty: true });
  await withRole(database, '', async (url, role) => {
    const whose = where === '' ? role : `${role} in database ${nameOf(database)}`;
    for (const [setting, value] of Object.entries(RUDE)) {
      await database.query(`alter role ${whose} set ${setting} = ${value}`);
    }
    await expectWholeLife(url, database);
  });
});

test('a role whose sessions begin as another one, which then owns everything', async () => {
  await using database = await createTestDatabase({ empty: true });
  await withRole(database, 'noinherit', async (url, role) => {
    const owner = unique('owner');
    await database.query(`create role ${owner}`);
    await database.query(`grant create on database ${nameOf(database)} to ${owner}`);
    await database.query(`grant ${owner} to ${role}`);
    await database.query(`alter role ${role} set role = '${owner}'`);
    await expectWholeLife(url, database);
    const owners = `select distinct tableowner from pg_tables where schemaname in ('seqpulse', 'pgboss')`;
    expect(await database.query(owners)).toEqual([{ tableowner: owner }]);
    await database.query(`drop owned by ${owner} cascade`);
    await database.query(`drop role ${owner}`);
  });
});

test('event triggers that write down what is created', async () => {
  await using database = await createTestDatabase({ empty: true });
  await database.query('create table public.ddl (tag text not null, command text)');
  await database.query(
    `create function public.write_down() returns event_trigger language plpgsql as $$
     begin
       raise notice '%', repeat('x', 9000);
       insert into public.ddl select tg_tag, object_identity from pg_event_trigger_ddl_commands();
     end $$`,
  );
  await database.query('create event trigger writes_down on ddl_command_end execute function public.write_down()');
  await expectWholeLife(database.url, database);
  expect((await database.query('select from public.ddl')).length).toBeGreaterThan(20);
});

test('a role with too few connections: the start says so, or whoever finds none free is told to come again', async () => {
  await using app = await startObservedApp();
  await using database = await createTestDatabase({ empty: true });
  for (const limit of [1, 3]) {
    await withRole(database, `connection limit ${limit}`, async (url) => {
      await expect(startTestService({ databaseUrl: url })).rejects.toThrow(/it has no free connection/);
    });
  }
  await withRole(database, 'connection limit 16', async (url) => {
    await using running = await startTestService({ databaseUrl: url, env: { SEQPULSE_PRE_SAMPLES: '1' } });
    const { api } = running;
    const envs = Array.from({ length: 20 }, (_, index) => `env-${index}`);
    const { apiKey } = await api.newProject({ name: 'shop', endpoint: app.url, envs, baseline: 'at_trigger' });
    const answers = await Promise.all(envs.map(async (env) => await api.trigger(apiKey, { env })));
    for (const { status } of answers) expect([200, 503]).toContain(status);
    // One by one: of twenty at once some may always find none free.
    for (const env of envs) {
      await until('every trigger is served', 30, async () => (await api.trigger(apiKey, { env })).status === 200);
    }
    const read = async () => (await database.query('select distinct deployment_id from seqpulse.samples')).length;
    await until('every deployment is read', 60, async () => (await read()) === envs.length);
  });
});

test('a server that writes down every statement with its parameters learns no secret', async () => {
  await using app = await startObservedApp();
  await using server = await startOwnServer({ settings: { log_statement: 'all', log_parameter_max_length: '-1' } });
  const running = await startTestService({ databaseUrl: server.url('postgres') });
  const { api } = running;
  const webhook = 'https://hooks.example.com/services/in-the-address-0001';
  const project = await api.newProject({ name: 'shop', endpoint: app.url });
  const secrets = [
    ADMIN_TOKEN,
    webhook,
    project.apiKey,
    (await api.operator('POST', `/projects/${project.id}/hmac`)).body.hmac_secret,
    (await api.operator('POST', `/projects/${project.id}/api-key`, { keep_old_hours: 1 })).body.api_key,
    (await api.operator('POST', '/operators', { name: 'reader', role: 'viewer' })).body.token,
  ];
  const channel = await api.operator('POST', `/projects/${project.id}/notifications`, {
    type: 'webhook',
    url: webhook,
  });
  expect(channel.status).toBe(201);
  await running[Symbol.asyncDispose]();
  const log = await readFile(server.logFile, 'utf8');
  expect(log).toContain('shop');
  for (const secret of secrets) {
    expect(secret).toEqual(expect.any(String));
    expect(log).not.toContain(secret);
    // As a parameter of type bytea is written down.
    expect(log).not.toContain(Buffer.from(secret).toString('hex'));
  }
});
