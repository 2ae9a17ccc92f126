import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startServiceProcess } from '../../harness/service-process.ts';
import type { ProxyMode } from './fault-proxy.ts';
import type { Replica } from './replica.ts';
import type { Fault, FaultKind } from './schedule.ts';
import type { Stage } from './stage.ts';

/** What a fault ended with: null as it should, else what is wrong, or why it could not be tried. */
export type FaultEnd = { readonly wrong: string } | { readonly skipped: string } | null;
type MakeFault = (stage: Stage, fault: Fault, replica: Replica) => Promise<FaultEnd>;

const OFF_SECONDS = 20;
const REFUSED_HOURS = 3;
const SLOW_NAMES_MS = 1_500;
const LIBFAKETIME = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1',
].find((path) => existsSync(path));

export const FAULTS: Readonly<Record<FaultKind, MakeFault>> = {
  async kill_replica(_stage, { seconds }, replica) {
    replica.kill();
    await sleep(seconds * 1000);
    return null;
  },
  async stop_replica(_stage, { seconds }, replica) {
    replica.pause();
    await sleep(seconds * 1000);
    replica.resume();
    return null;
  },
  async rolling_restart({ replicas }) {
    for (const one of replicas) await one.restart();
    return null;
  },
  async kill_postgres({ database }, { seconds }) {
    await database.kill();
    await sleep(seconds * 1000);
    await database.start();
    return null;
  },
  async terminate_backends({ database }) {
    await withSuperuser(database.url('postgres'), terminateOurs);
    return null;
  },
  proxy_hang: turnProxy('hang'),
  proxy_swallow: turnProxy('swallow'),
  proxy_reset: turnProxy('reset'),
  proxy_delay: turnProxy('delay'),
  async connection_limit({ database }, { seconds }) {
    const url = database.url('postgres');
    const others = new pg.Client({ connectionString: url });
    await others.connect();
    await others.query(`do $$ begin
      if not exists (select from pg_roles where rolname = 'others') then create role others login; end if; end $$`);
    const held: pg.Client[] = [];
    const untilMs = performance.now() + seconds * 1000;
    await terminateOurs(others);
    while (performance.now() < untilMs) {
      const asOthers = new URL(url);
      asOthers.username = 'others';
      const client = new pg.Client({ connectionString: asOthers.href });
      client.on('error', () => {});
      const taken = await client.connect().then(
        () => true,
        () => false,
      );
      if (taken) held.push(client);
      else await sleep(100);
    }
    await Promise.all([others, ...held].map(async (client) => await client.end().catch(() => {})));
    return null;
  },
  async disk_full({ disk, database }, { seconds }) {
    if (disk === null) return { skipped: 'no right to mount a disk' };
    const untilMs = performance.now() + seconds * 1000;
    while (performance.now() < untilMs) {
      disk.fill();
      await sleep(100);
    }
    disk.free();
    // A log that can not be written stops the server; whoever runs it starts it again.
    if (!(await answers(database.url('postgres')))) {
      await database.kill().catch(() => {});
      await database.start();
    }
    return null;
  },
  async clock_off(_stage, { seconds, sign }, replica) {
    if (LIBFAKETIME === undefined) return { skipped: 'libfaketime is not installed' };
    await replica.restart(withClock(`${sign > 0 ? '+' : '-'}${OFF_SECONDS}`));
    const started = replica.current !== null;
    await sleep(seconds * 1000);
    await replica.restart();
    return started ? null : { wrong: `a clock off by ${sign * OFF_SECONDS} s kept the replica from starting` };
  },
  async clock_refused({ proxies, database }, { sign, replica: index }) {
    if (LIBFAKETIME === undefined) return { skipped: 'libfaketime is not installed' };
    const url = new URL(database.url('postgres'));
    url.port = String(proxies[index]?.port);
    const env = { DATABASE_URL: url.href, ...withClock(`${sign > 0 ? '+' : '-'}${REFUSED_HOURS}h`) };
    const refusal = await startServiceProcess(env).then(
      async (service) => {
        await service[Symbol.asyncDispose]();
        return null;
      },
      (error: Error) => error.message,
    );
    if (refusal === null) return { wrong: `a clock off by ${sign * REFUSED_HOURS} h was not refused` };
    return /clock is [\d.]+ s (behind|ahead of)/.test(refusal)
      ? null
      : { wrong: `refused, but not for its clock: ${refusal}` };
  },
  async slow_names({ names }, { seconds }) {
    if (names === null) return { skipped: 'no right to have a network of its own' };
    names.delayMs = SLOW_NAMES_MS;
    await sleep(seconds * 1000);
    names.delayMs = 0;
    return null;
  },
};

function turnProxy(mode: ProxyMode): MakeFault {
  return async ({ proxies }, { seconds, replica }) => {
    proxies[replica]?.turn(mode);
    await sleep(seconds * 1000);
    proxies[replica]?.turn('pass');
    return null;
  };
}

/** The monotonic clock stays: timers must not jump, as they do not on a machine whose clock is wrong. */
function withClock(offset: string): Record<string, string> {
  return { LD_PRELOAD: LIBFAKETIME ?? '', FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
}

async function terminateOurs(client: pg.Client): Promise<void> {
  await client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'seqpulse%' and pid <> pg_backend_pid()`,
  );
}

async function answers(url: string): Promise<boolean> {
  return await withSuperuser(
    url,
    async (client) => void (await client.query('create temporary table room (a int)')),
  ).then(
    () => true,
    () => false,
  );
}

async function withSuperuser(url: string, use: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    await use(client);
  } finally {
    await client.end();
  }
}
