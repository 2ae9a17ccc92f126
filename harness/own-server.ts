import { execFile } from 'node:child_process';
import { chown, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { locatePrograms } from '../src/embedded-postgres/programs.ts';
import { usablePrograms } from '../src/embedded-postgres/usable-programs.ts';
import { freePorts } from './free-ports.ts';
import { until } from './until.ts';

/** A PostgreSQL of a test's own, which it may kill, stop, copy and promote. */
export interface OwnServer extends AsyncDisposable {
  readonly port: number;
  /** What the server writes down. */
  readonly logFile: string;
  url(database: string): string;
  /** Process id of its postmaster. */
  pid(): Promise<number>;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** As a power cut does to its processes: what it had not handed to the operating system is gone. */
  kill(): Promise<void>;
  /** A standby of it that follows from now on; this server is stopped for a moment. */
  standby(): Promise<OwnServer>;
  promote(): Promise<void>;
}

/** PostgreSQL does not run as root: there it runs as nobody. */
const NOBODY = { uid: 65_534, gid: 65_534 };
const SUPERUSER = 'seqpulse';

export interface OwnServerOptions {
  /** The folder with initdb and pg_ctl. Default: the embedded PostgreSQL’s. */
  readonly binFolder?: string;
  readonly settings?: Readonly<Record<string, string>>;
  /** Where its folder is made. Default: the temporary folder. */
  readonly folder?: string;
}

export async function startOwnServer(options: OwnServerOptions = {}): Promise<OwnServer> {
  const home = await mkdtemp(join(options.folder ?? tmpdir(), 'seqpulse-own-'));
  const user = process.getuid?.() === 0 ? NOBODY : null;
  if (user !== null) await chown(home, user.uid, user.gid);
  const binFolder = options.binFolder ?? (await embeddedBinFolder(home, user));
  const run = async (program: string, args: string[]) =>
    await promisify(execFile)(join(binFolder, program), args, { cwd: home, ...user });
  await run('initdb', ['-D', join(home, 'data'), '-U', SUPERUSER, '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N']);
  const server = await createServer(home, binFolder, options.settings ?? {});
  await server.start();
  return server;
}

async function createServer(
  home: string,
  binFolder: string,
  settings: Readonly<Record<string, string>>,
): Promise<OwnServer> {
  const user = process.getuid?.() === 0 ? NOBODY : null;
  const data = join(home, 'data');
  const [port = 0] = await freePorts(1);
  const parameters = Object.entries({
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '300',
    fsync: 'off',
    full_page_writes: 'off',
    ...settings,
  });
  const pgCtl = async (...args: string[]) =>
    await promisify(execFile)(join(binFolder, 'pg_ctl'), ['-D', data, '-w', ...args], { cwd: home, ...user });
  const server: OwnServer = {
    port,
    logFile: join(home, 'log'),
    url: (database) => `postgres://${SUPERUSER}@127.0.0.1:${port}/${database}`,
    pid: async () => Number((await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n')[0]),
    async start() {
      const flags = [`-p ${port}`, ...parameters.map(([name, value]) => `-c ${name}='${value}'`)].join(' ');
      // Right after a kill its processes may hold on to their memory for a moment.
      await until('PostgreSQL starts', 60, async () =>
        pgCtl('-l', server.logFile, '-o', flags, 'start').then(
          () => true,
          () => false,
        ),
      );
    },
    stop: async () => void (await pgCtl('-m', 'fast', 'stop')),
    async kill() {
      const postmaster = await server.pid();
      const children = await childrenOf(postmaster);
      for (const pid of [postmaster, ...children]) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It noticed the other's end first.
        }
      }
      await until('its processes are gone', 30, async () => (await childrenOf(postmaster)).length === 0);
    },
    async standby() {
      await server.stop();
      const copy = await mkdtemp(join(tmpdir(), 'seqpulse-own-'));
      await cp(data, join(copy, 'data'), { recursive: true, preserveTimestamps: true });
      await writeFile(join(copy, 'data', 'standby.signal'), '');
      if (user !== null) await promisify(execFile)('chown', ['-R', `${user.uid}:${user.gid}`, copy]);
      await server.start();
      const standby = await createServer(copy, binFolder, {
        ...settings,
        primary_conninfo: `host=127.0.0.1 port=${port} user=${SUPERUSER}`,
      });
      await standby.start();
      return standby;
    },
    promote: async () => void (await pgCtl('promote')),
    async [Symbol.asyncDispose]() {
      await pgCtl('-m', 'immediate', 'stop').catch(() => {});
      await rm(home, { recursive: true, force: true });
    },
  };
  return server;
}

async function embeddedBinFolder(home: string, user: typeof NOBODY | null): Promise<string> {
  const located = locatePrograms({ platform: process.platform, architecture: process.arch });
  const { programs } = await usablePrograms({ programs: located, home, user, log: () => {} });
  return join(programs.folder, 'bin');
}

async function childrenOf(pid: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,stat=']);
  return stdout.split('\n').flatMap((line) => {
    const [child, parent, state = ''] = line.trim().split(/\s+/);
    return Number(parent) === pid && !state.startsWith('Z') ? [Number(child)] : [];
  });
}
