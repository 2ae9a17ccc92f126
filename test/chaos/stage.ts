import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../../harness/free-ports.ts';
import { startNameServer } from '../../harness/name-server.ts';
import { type ObservedApp, startObservedApp } from '../../harness/observed-app.ts';
import { isInside } from '../../harness/own-network.ts';
import { type OwnServer, startOwnServer } from '../../harness/own-server.ts';
import { until } from '../../harness/until.ts';
import { mountSmallDisk, type SmallDisk } from './disk.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { type Replica, startReplica } from './replica.ts';

/** Everything a run stands on. */
export interface Stage extends AsyncDisposable {
  readonly database: OwnServer;
  /** null: no rights to mount one. */
  readonly disk: SmallDisk | null;
  /** One before each replica's database: each has a network of its own. */
  readonly proxies: readonly FaultProxy[];
  readonly replicas: readonly Replica[];
  readonly app: ObservedApp;
  /** An application of which every fourth reading fails. */
  readonly flaky: ObservedApp;
  /** How the application is reached: by a name where there is a name server of ours. */
  readonly namedUrl: string;
  /** null: no rights to have one. Milliseconds that it takes for each answer. */
  readonly names: { delayMs: number } | null;
}

export const REPLICAS = 3;
const DISK_MEGABYTES = 512;

/** A deployment of half a minute: five readings after it, six seconds apart. */
export const LIFECYCLE = { windowSeconds: 30, retrySeconds: 6, graceSeconds: 60 };
export const SETTINGS = {
  SEQPULSE_PRE_SAMPLES: '5',
  SEQPULSE_PRE_INTERVAL_SECONDS: '1',
  SEQPULSE_POST_INTERVAL_SECONDS: '6',
  SEQPULSE_RETRY_DELAYS_SECONDS: '2,4',
  LOG_LEVEL: 'info',
};

export async function openStage(folder: string): Promise<Stage> {
  const closing = new AsyncDisposableStack();
  const disk = isInside() ? await mountSmallDisk(folder, DISK_MEGABYTES) : null;
  const database = closing.use(
    await startOwnServer({
      ...(disk === null ? {} : { folder: disk.folder }),
      settings: { max_connections: '150', max_wal_size: '64MB', fsync: 'on' },
    }),
  );
  const names = isInside() ? { delayMs: 0 } : null;
  if (names !== null) {
    closing.use(
      await startNameServer(async () => {
        await sleep(names.delayMs);
        return 'loopback' as const;
      }),
    );
  }
  const app = closing.use(await startObservedApp());
  const flaky = closing.use(await startObservedApp());
  let readings = 0;
  flaky.behaviour = (response) => {
    readings += 1;
    if (readings % 4 === 0) response.writeHead(500).end();
    else response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ metrics: flaky.metrics }));
  };
  const proxies: FaultProxy[] = [];
  const replicas: Replica[] = [];
  const ports = await freePorts(REPLICAS);
  for (const [index, port] of ports.entries()) {
    const proxy = closing.use(await startFaultProxy(database.port));
    proxies.push(proxy);
    const url = new URL(database.url('postgres'));
    url.port = String(proxy.port);
    replicas.push(startReplica(`replica ${index + 1}`, port, { ...SETTINGS, DATABASE_URL: url.href }));
  }
  await until('all replicas are up', 60, () => replicas.every(({ current }) => current !== null));
  return {
    database,
    disk,
    proxies,
    replicas,
    app,
    flaky,
    namedUrl: names === null ? app.url : app.url.replace('127.0.0.1', 'shop.example'),
    names,
    [Symbol.asyncDispose]: async () => await closing.disposeAsync(),
  };
}
