import { EventEmitter } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import pg from 'pg';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { until } from '../../harness/until.ts';
import { startListener } from '../../src/db/connection/listener.ts';
import { openDatabase } from '../../src/db/database.ts';
import { createWaitingRoom } from '../../src/http/waiting.ts';
import { systemClock } from '../../src/jobs/clock.ts';
import { watchDeploymentEnds } from '../../src/service/deployment-ends.ts';
import { createTestDatabase } from '../support/database.ts';

const log = pino({ level: 'silent' });

/** A connection that the test lets end. `stuck`: its server never says goodbye. */
class StagedClient extends EventEmitter {
  readonly connection = { stream: { destroy: () => void this.cut() } };
  isCut = false;
  private readonly answer: () => Promise<unknown>;
  private readonly stuck: boolean;
  private readonly goodbye = Promise.withResolvers<void>();

  constructor(answer: () => Promise<unknown>, stuck = false) {
    super();
    this.answer = answer;
    this.stuck = stuck;
  }
  query = async () => await this.answer();
  end = async () => {
    if (!this.stuck) this.finish();
    await this.goodbye.promise;
  };
  finish(): void {
    this.goodbye.resolve();
    this.emit('end');
  }
  private cut(): void {
    this.isCut = true;
    this.finish();
  }
}

const listenOn = (clients: (StagedClient | null)[]) => {
  const opened: StagedClient[] = [];
  const listener = startListener({
    async connect() {
      const client = clients.length > 1 ? clients.shift() : clients[0];
      if (client == null) throw new Error('no connection');
      opened.push(client);
      return client as unknown as pg.Client;
    },
    channel: 'c',
    onPayload() {},
    log,
  });
  return { listener, opened };
};

const well = async () => {};

test('one that was given up and ends long after takes no place from the one that listens now', async () => {
  const givenUp = new StagedClient(async () => await Promise.reject(new Error('Query read timeout')), true);
  const now = new StagedClient(well);
  const { listener, opened } = listenOn([givenUp, now]);
  await until('the second listens', 5, () => listener.listening());
  givenUp.finish();
  expect(listener.listening()).toBe(true);
  // Its end once more, for whoever closes listens to the last one only.
  await listener.close();
  expect(opened).toEqual([givenUp, now]);
});

test('a connection that ends while it begins to listen is replaced', async () => {
  const first: StagedClient = new StagedClient(async () => first.finish());
  const { listener, opened } = listenOn([first, new StagedClient(well)]);
  await until('it listens', 5, () => listener.listening());
  expect(opened).toHaveLength(2);
  await listener.close();
});

test('a start that fails is tried again, as often as it takes', async () => {
  const { listener, opened } = listenOn([null, null, new StagedClient(well)]);
  await until('it listens', 5, () => listener.listening());
  expect(opened).toHaveLength(1);
  await listener.close();
});

test('a server that says no goodbye keeps no stop waiting', async () => {
  const silent = new StagedClient(well, true);
  const { listener } = listenOn([silent]);
  await until('it listens', 5, () => listener.listening());
  await listener.close();
  expect(silent.isCut).toBe(true);
});

/** Stands before the database and swallows everything from the first `listen` on, on that connection alone. */
async function startSwallower(databaseUrl: string) {
  const { port, hostname } = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let swallows = true;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let isSilent = false;
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => {}));
    client.on('data', (chunk) => {
      isSilent ||= swallows && chunk.includes('listen seqpulse');
      if (isSilent) swallows = false;
      else upstream.write(chunk);
    });
    upstream.on('data', (chunk) => !isSilent && client.write(chunk));
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    hasSwallowed: () => !swallows,
    [Symbol.dispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

test('a server that falls silent just before the service listens is left, and listened to when it is back', async () => {
  await using database = await createTestDatabase();
  using swallower = await startSwallower(database.url);
  const pool = new pg.Pool({ connectionString: database.url, max: 1 });
  const room = createWaitingRoom({ most: 1, timers: systemClock, read: async () => null, nextTurn: setImmediate });
  const ends = watchDeploymentEnds({ directUrl: swallower.url, db: openDatabase(pool), room, log });
  await until('it has fallen silent', 5, () => swallower.hasSwallowed());
  const listening = `select from pg_stat_activity
    where datname = current_database() and application_name = 'seqpulse listen' and query = 'listen seqpulse_deployment_end'`;
  await until('it listens', 10, async () => (await database.query(listening)).length === 1);
  await ends[Symbol.asyncDispose]();
  await pool.end();
});
