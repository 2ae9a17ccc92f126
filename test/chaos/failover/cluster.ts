import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../../../harness/free-ports.ts';
import { until } from '../../../harness/until.ts';
import { nodeConfiguration, proxyConfiguration } from './configurations.ts';

/** Two PostgreSQL that Patroni keeps, one leading and one following in step, with etcd and HAProxy; all on loopback. */
export interface Cluster {
  /** Through HAProxy, which knows the leader. */
  readonly proxiedUrl: string;
  /** Both hosts: whoever connects looks for the one that accepts writes. */
  readonly severalHostsUrl: string;
  /** Past everything, to the leader. */
  leaderUrl(): Promise<string>;
  /** kill -9 of the leader's PostgreSQL and its Patroni; resolves at once. */
  killLeader(): Promise<string>;
  /** Starts what was killed; resolves when both are there and the follower is in step. */
  heal(): Promise<void>;
}

export const PROGRAMS = [
  '/usr/bin/patroni',
  '/usr/bin/etcd',
  '/usr/sbin/haproxy',
  '/usr/lib/postgresql/15/bin/postgres',
];

/** PostgreSQL does not run as root. */
const USER: { readonly uid?: number; readonly gid?: number } =
  process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
const NODES = ['a', 'b'] as const;
type NodeName = (typeof NODES)[number];

interface Member {
  readonly name: string;
  readonly role: string;
  readonly state: string;
}

/** @param folder that this user owns, and that everybody may pass. */
export async function startCluster(folder: string): Promise<Cluster> {
  const missing = PROGRAMS.filter((path) => !existsSync(path));
  if (missing.length > 0) throw new Error(`not installed: ${missing.join(', ')} (docs/high-availability.md)`);
  const [etcdPort = 0, peerPort = 0, proxyPort = 0, ...ports] = await freePorts(7);
  const nodes = NODES.map((name, index) => ({
    name,
    postgresPort: ports[index * 2] ?? 0,
    restPort: ports[index * 2 + 1] ?? 0,
    folder: owned(join(folder, name)),
  }));
  const nodeOf = (name: string) => nodes.find((one) => one.name === name) ?? raise(`no node ${name}`);
  const patronis = new Map<string, ChildProcess>();

  const etcdUrl = `http://127.0.0.1:${etcdPort}`;
  const peerUrl = `http://127.0.0.1:${peerPort}`;
  start(owned(join(folder, 'etcd')), PROGRAMS[1] ?? '', [
    ...['--name', 'only', '--data-dir', 'data', '--listen-client-urls', etcdUrl, '--advertise-client-urls', etcdUrl],
    ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl],
    ...['--initial-cluster', `only=${peerUrl}`],
  ]);
  await until('etcd is up', 20, async () => (await get(`${etcdUrl}/health`)) !== null);

  const startPatroni = ({ name, folder: home }: (typeof nodes)[number]) =>
    patronis.set(name, start(home, PROGRAMS[0] ?? '', ['patroni.yml']));
  for (const node of nodes) {
    writeFileSync(join(node.folder, 'patroni.yml'), JSON.stringify(nodeConfiguration(node, etcdPort)));
    startPatroni(node);
  }
  const proxyFolder = owned(join(folder, 'haproxy'));
  writeFileSync(join(proxyFolder, 'haproxy.cfg'), proxyConfiguration(proxyPort, nodes));
  start(proxyFolder, PROGRAMS[2] ?? '', ['-db', '-f', 'haproxy.cfg']);

  /** null: nobody answers. */
  async function members(): Promise<readonly Member[] | null> {
    for (const { restPort } of nodes) {
      const text = await get(`http://127.0.0.1:${restPort}/cluster`);
      if (text !== null) return (JSON.parse(text) as { members: Member[] }).members;
    }
    return null;
  }
  async function leader(): Promise<NodeName> {
    return await until('there is a leader', 20, async () => {
      const found = (await members())?.find(({ role, state }) => role === 'leader' && state === 'running');
      return found === undefined ? null : (found.name as NodeName);
    });
  }
  const url = (where: string, more = '') => `postgres://postgres:secret@${where}/postgres${more}`;
  const cluster: Cluster = {
    proxiedUrl: url(`127.0.0.1:${proxyPort}`),
    severalHostsUrl: url(nodes.map(({ postgresPort }) => `127.0.0.1:${postgresPort}`).join(',')),
    leaderUrl: async () => url(`127.0.0.1:${nodeOf(await leader()).postgresPort}`),
    async killLeader() {
      const name = await leader();
      const home = nodeOf(name).folder;
      patronis.get(name)?.kill('SIGKILL');
      for (const pid of processesIn(home)) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It noticed the other's end first.
        }
      }
      return name;
    },
    async heal() {
      for (const node of nodes)
        if (patronis.get(node.name)?.exitCode !== null || patronis.get(node.name)?.killed) startPatroni(node);
      await until('both are there, one in step', 60, async () => {
        const all = (await members()) ?? [];
        const isUp = ({ state }: Member) => state === 'running' || state === 'streaming';
        return all.length === NODES.length && all.every(isUp) && all.some(({ role }) => role === 'sync_standby');
      });
    },
  };
  await cluster.heal();
  return cluster;
}

function owned(folder: string): string {
  mkdirSync(folder, { mode: 0o700 });
  if (USER.uid !== undefined) chownSync(folder, USER.uid, USER.gid ?? USER.uid);
  return folder;
}

function start(cwd: string, program: string, args: readonly string[]): ChildProcess {
  return spawn(program, args, {
    cwd,
    ...USER,
    env: { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR },
    stdio: 'ignore',
  });
}

/** Process ids that work in a folder, or below it. */
function processesIn(folder: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid > 0 && commandOf(pid).includes(folder));
}

/** Its postmaster names its data folder; the others of a server that was killed end by themselves, at once. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

async function get(url: string): Promise<string | null> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    return await answer.text();
  } catch {
    return null;
  }
}

function raise(message: string): never {
  throw new Error(message);
}
