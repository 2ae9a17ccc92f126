import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import {
  type EmbeddedDatabase,
  type EmbeddedDatabaseOptions,
  openEmbeddedDatabase,
} from '../../src/embedded-postgres/embedded-database.ts';
import { processIsAlive } from '../../src/embedded-postgres/process-state.ts';

export interface User {
  readonly uid: number;
  readonly gid: number;
}

const SERVICE_PROCESS = fileURLToPath(new URL('./service-process.ts', import.meta.url));
export const isRoot = process.geteuid?.() === 0;
/** Debian's nobody and nogroup: an entry in /etc/passwd, and no rights. */
export const NOBODY: User = { uid: 65_534, gid: 65_534 };
/** False where that user can't run this Node and read this repository, as in a clone below /root. */
export const canBecomeNobody =
  isRoot &&
  spawnSync(process.execPath, ['-e', `require('fs').accessSync(${JSON.stringify(SERVICE_PROCESS)})`], NOBODY).status ===
    0;

export interface ServiceProcess {
  readonly pid: number;
  /** How its start went. */
  readonly answer: { readonly connectionString: string; readonly adopted: boolean; readonly error?: string };
  /** Sends a signal to its whole process group, as Ctrl-C does, and waits for its end. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** An orderly close. */
  end(): Promise<void>;
}

/** The folders, processes and databases of one test file. `clear` ends what runs, `remove` also deletes the folders. */
export function createBench() {
  const folders: string[] = [];
  const homes: string[] = [];
  const children: ChildProcess[] = [];
  const databases: EmbeddedDatabase[] = [];
  let template: Promise<string> | undefined;

  async function folder(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), 'seqpulse-embedded-'));
    await chmod(path, 0o755);
    folders.push(path);
    return path;
  }

  async function freshDataDir(): Promise<string> {
    return join(await folder(), 'data');
  }

  async function open(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
    homes.push(join(options.dataDir, 'postgres'));
    const database = await openEmbeddedDatabase({ durable: false, ...options });
    databases.push(database);
    return database;
  }

  async function makeTemplate(): Promise<string> {
    const dataDir = await freshDataDir();
    const database = await open({ dataDir });
    await query(database.connectionString, 'create table kept (word text)');
    await query(database.connectionString, "insert into kept values ('before')");
    await database.close();
    return dataDir;
  }

  async function clear(): Promise<void> {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
    for (const database of databases.splice(0)) await database.close().catch(() => {});
    for (const home of homes.splice(0)) {
      const pid = await serverPid(home);
      if (pid !== null) await killAndWait(pid);
    }
  }

  return {
    folder,
    /** The path of a data folder that does not exist yet. */
    freshDataDir,
    open,
    /** The one data folder of this file that has been in use: for tests that leave it as good as they found it. */
    async usedDataDir(): Promise<string> {
      template ??= makeTemplate();
      return template;
    },
    /** A copy of it, for tests that do harm. Its server must not be running. */
    async copiedDataDir(): Promise<string> {
      template ??= makeTemplate();
      const dataDir = await freshDataDir();
      execFileSync('cp', ['-a', await template, dataDir]);
      return dataDir;
    },
    async startService(options: EmbeddedDatabaseOptions, user?: User): Promise<ServiceProcess> {
      homes.push(join(options.dataDir, 'postgres'));
      const child = spawn(process.execPath, [SERVICE_PROCESS, JSON.stringify({ durable: false, ...options })], {
        detached: true,
        stdio: ['pipe', 'pipe', 'inherit'],
        env: { ...process.env, SEQPULSE_ADMIN_TOKEN: 'for-the-service-alone' },
        ...user,
      });
      children.push(child);
      const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
      const pid = child.pid ?? 0;
      const exited = once(child, 'exit');
      return {
        pid,
        answer: JSON.parse(line) as ServiceProcess['answer'],
        async kill(signal) {
          process.kill(-pid, signal);
          await exited;
        },
        async end() {
          child.stdin.end();
          await exited;
        },
      };
    },
    /** A server in another place than the data folder, to be ended with the rest. */
    watchHome: (home: string) => void homes.push(home),
    clear,
    async remove(): Promise<void> {
      await clear();
      for (const path of folders.splice(0)) await rm(path, { recursive: true, force: true });
    },
  };
}

/** The server's process id from its lock file; null when it has none. */
export async function serverPid(home: string): Promise<number | null> {
  const text = await readFile(join(home, 'data', 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  return Number.isInteger(pid) && pid > 0 ? pid : null;
}

export async function killAndWait(pid: number): Promise<void> {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    return;
  }
  await until(async () => !(await processIsAlive(pid)));
}

/** The first column of all rows. */
export async function query(connectionString: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => {});
  await client.connect();
  try {
    const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
    return rows.map((row) => row[0]);
  } finally {
    await client.end();
  }
}

/** Waits for a state; fails after twenty seconds. */
export async function until(isReached: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + 20_000;
  while (!(await isReached())) {
    if (performance.now() > deadlineMs) throw new Error('the awaited state was not reached within 20 s');
    await sleep(10);
  }
}

/** Takes a port of 127.0.0.1 (0: any) until it is disposed of. */
export async function occupyPort(wanted = 0): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer();
  server.listen(wanted, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}

/** What a promise was rejected with, as `Name: message`. */
export async function failureOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'did not fail',
    (error: unknown) => String(error),
  );
}
