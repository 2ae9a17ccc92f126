import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '../../../client/client.ts';
import { freePorts } from '../../../harness/free-ports.ts';
import { startObservedApp } from '../../../harness/observed-app.ts';
import { until } from '../../../harness/until.ts';
import { type Check, checkLifecycles, describeTraffic, type FaultSpan } from '../checks.ts';
import { type Lifecycle, live, plannedLifecycle, type Traffic } from '../clients.ts';
import { readStored } from '../facts.ts';
import { type Replica, startReplica } from '../replica.ts';
import { SETTINGS } from '../stage.ts';
import { startCluster } from './cluster.ts';

const ROADS = ['through HAProxy', 'several hosts'] as const;
const WRITES_EVERY_MS = 100;
const LIFECYCLES_A_KILL = 3;
const CALM_MS = 4_000;

interface Acknowledged {
  readonly id: string;
  readonly key: string;
  readonly atMs: number;
  readonly road: number;
}

/** Kills the leader of a Patroni cluster `kills` times under load, one replica on each road to it. */
export async function runFailover(
  parent: string,
  {
    kills,
    log,
    signal,
  }: { readonly kills: number; readonly log: (line: string) => void; readonly signal: AbortSignal },
): Promise<Check[]> {
  await using closing = new AsyncDisposableStack();
  const folder = join(parent, 'cluster');
  mkdirSync(folder);
  chmodSync(folder, 0o711);
  const startedAt = performance.now();
  const tell = (line: string) => log(`  ${((performance.now() - startedAt) / 1000).toFixed(0).padStart(4)} s  ${line}`);
  const cluster = await startCluster(folder);
  tell('Patroni, etcd and HAProxy are up');
  const app = closing.use(await startObservedApp());
  const ports = await freePorts(ROADS.length);
  const urls = [cluster.proxiedUrl, cluster.severalHostsUrl];
  const replicas = ports.map((port, road) =>
    startReplica(ROADS[road] ?? '', port, { ...SETTINGS, DATABASE_URL: urls[road] ?? '' }),
  );
  await until('both replicas are up', 60, () => replicas.every(({ current }) => current !== null));

  const envs = Array.from({ length: kills * LIFECYCLES_A_KILL }, (_, index) => `env-${index}`);
  const api = replicas[0]?.current?.api ?? fail();
  const { apiKey } = await api.newProject({
    name: 'shop',
    endpoint: app.url,
    envs: [...envs, ...ROADS.map((_, road) => `written-${road}`)],
    baseline: 'at_trigger',
  });
  const stopWriting = new AbortController();
  const acknowledged: Acknowledged[] = [];
  const writing = replicas.map(
    async (replica, road) => await write(replica, road, apiKey, acknowledged, stopWriting.signal),
  );
  const stopClients = new AbortController();
  const traffic: Traffic = { statuses: new Map(), triggerSeconds: [] };
  const lifecycles: Lifecycle[] = [];
  const living: Promise<void>[] = [];
  const spans: FaultSpan[] = [];
  const outages: number[][] = ROADS.map(() => []);

  for (let kill = 0; kill < kills && !signal.aborted; kill += 1) {
    for (const env of envs.slice(kill * LIFECYCLES_A_KILL, (kill + 1) * LIFECYCLES_A_KILL)) {
      const one = plannedLifecycle({ apiKey, env, key: env, startsMs: 0, deploysMs: 2_000 });
      lifecycles.push(one);
      living.push(live(one, { urls: replicas.map(({ url }) => url), traffic, stop: stopClients.signal }));
    }
    await sleep(CALM_MS);
    const killed = await cluster.killLeader();
    const startMs = Date.now();
    // The first writes that were sent after it died; what was under way may still be answered.
    const served = (road: number) => acknowledged.find((one) => one.road === road && one.atMs > startMs + 1_000);
    await until('both write again', 60, () => ROADS.every((_, road) => served(road) !== undefined));
    const seconds = ROADS.map((_, road) => ((served(road)?.atMs ?? 0) - startMs) / 1000);
    for (const [road, one] of seconds.entries()) outages[road]?.push(one);
    tell(
      `leader ${killed} killed (${kill + 1} of ${kills}): writes again after ${seconds.map((one, road) => `${one.toFixed(1)} s ${ROADS[road]}`).join(', ')}`,
    );
    spans.push({ away: true, startMs, endMs: Date.now() });
    await cluster.heal();
  }
  stopWriting.abort();
  await Promise.all(writing);
  await until('every verdict is seen', 20, () => lifecycles.every(({ seen }) => seen !== null)).catch(() => {});
  stopClients.abort();
  await Promise.all(living);
  const stored = await readStored(await cluster.leaderUrl());
  tell(describeTraffic(traffic));
  for (const [road, all] of outages.entries()) {
    tell(`outage ${ROADS[road]}: ${Math.min(...all).toFixed(1)} to ${Math.max(...all).toFixed(1)} s`);
  }
  const keys = new Map(stored.map(({ id, key }) => [id, key]));
  const checks: Check[] = [
    {
      name: 'every acknowledged write is there',
      looked: acknowledged.length,
      wrong: acknowledged.filter(({ id, key }) => keys.get(id) !== key).map(({ id }) => `${id} is lost`),
    },
    ...checkLifecycles(lifecycles, stored, spans),
  ];
  const ends = await Promise.all(replicas.map(async (replica) => await replica.stop()));
  checks.push({
    name: 'no replica ended by itself',
    looked: ends.length,
    wrong: replicas.flatMap(({ ownEnds }) => ownEnds),
  });
  return checks;
}

/** Ten triggers a second, each taking over from the one before. */
async function write(replica: Replica, road: number, apiKey: string, acknowledged: Acknowledged[], stop: AbortSignal) {
  const client = createClient({ url: replica.url, apiKey, timeoutMs: 4_000 });
  for (let count = 0; !stop.aborted; count += 1) {
    const key = `${road}-${count}`;
    await Promise.all([
      sleep(WRITES_EVERY_MS),
      client
        .trigger({ env: `written-${road}`, idempotency_key: key, supersede: true })
        .then(({ deployment_id }) => acknowledged.push({ id: deployment_id, key, atMs: Date.now(), road }))
        .catch(() => {}),
    ]);
  }
}

function fail(): never {
  throw new Error('no replica');
}
