import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startObservedApp } from '../../harness/observed-app.ts';
import { type OwnServer, startOwnServer } from '../../harness/own-server.ts';
import { until } from '../../harness/until.ts';
import { connectSession, StandbyError } from '../../src/db/connection/session-client.ts';
import { startTestService } from '../support/service.ts';

const closing = new AsyncDisposableStack();
let first: OwnServer;
let second: OwnServer;
beforeAll(async () => {
  first = closing.use(await startOwnServer());
  second = closing.use(await first.standby());
});
afterAll(async () => await closing.disposeAsync());

function hosts(...servers: readonly OwnServer[]): string {
  return servers.map(({ port }) => `127.0.0.1:${port}`).join(',');
}

async function ask(server: OwnServer, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: server.url('postgres') });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

test('the host that accepts writes is taken, whichever comes first, and again after a failover', async () => {
  await using app = await startObservedApp();
  // The standby first: taken in order it would be a database that refuses the first write.
  const url = `postgres://seqpulse@${hosts(second, first)}/postgres?target_session_attrs=read-write`;
  await using running = await startTestService({
    databaseUrl: url,
    env: { DATABASE_DIRECT_URL: url, SEQPULSE_PRE_INTERVAL_SECONDS: '0.5', SEQPULSE_PRE_SAMPLES: '60' },
  });
  const { api } = running;
  const { apiKey } = await api.newProject({
    name: 'shop',
    endpoint: app.url,
    baseline: 'at_trigger',
    envs: ['a', 'b'],
  });
  const before = (await api.trigger(apiKey, { env: 'a' })).body.deployment_id;
  await until(
    'its first sample is stored',
    30,
    async () => (await ask(first, 'select from seqpulse.samples')).length > 0,
  );
  await until('the standby has all of it', 30, async () => {
    const [there, here] = [
      await ask(first, 'select pg_current_wal_lsn()'),
      await ask(second, 'select pg_last_wal_replay_lsn()'),
    ];
    return (
      Object.values(there[0] ?? {})[0] === Object.values(here[0] ?? {})[0] ||
      (await ask(second, 'select from seqpulse.samples')).length > 0
    );
  });

  await first.stop();
  expect((await api.trigger(apiKey, { env: 'b' })).status).toBe(503);
  expect((await api.request('GET', '/readyz')).status).toBe(503);
  await second.promote();
  const after = await until('a trigger is stored again', 30, async () => {
    const answer = await api.trigger(apiKey, { env: 'b', idempotency_key: 'again' });
    return answer.status === 200 ? answer.body.deployment_id : null;
  });
  expect((await ask(second, `select id from seqpulse.deployments where id in ('${before}', '${after}')`)).length).toBe(
    2,
  );
  const stored = async () => Number((await ask(second, 'select count(*) from seqpulse.samples'))[0]?.count);
  const atFirst = await stored();
  await until('jobs go on', 60, async () => (await stored()) > atFirst);
  await until('it is ready', 30, async () => (await api.request('GET', '/readyz')).status === 200);
});

test('hosts of which none accepts writes are told, one by one', async () => {
  const none = 'postgres://seqpulse@127.0.0.1:1,127.0.0.1:2/postgres';
  await expect(startTestService({ databaseUrl: none })).rejects.toThrow(/nothing listens at its host and port/);
  await using server = await startOwnServer();
  await using standby = await server.standby();
  const mixed = `postgres://seqpulse@127.0.0.1:1,127.0.0.1:${standby.port}/postgres`;
  await expect(startTestService({ databaseUrl: mixed })).rejects.toThrow(
    `none of the database’s hosts accepts writes: 127.0.0.1:1 connect ECONNREFUSED 127.0.0.1:1, 127.0.0.1:${standby.port} is a standby`,
  );
  await expect(startTestService({ databaseUrl: standby.url('postgres') })).rejects.toThrow(/it is a standby/);
  // A session of its own: of one host, too, which may have become a standby since the start.
  const session = connectSession({
    connectionString: standby.url('postgres'),
    applicationName: 'test',
    timeoutMs: 60_000,
  });
  await expect(session).rejects.toThrow(StandbyError);
});
