import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { createBench, isRoot, killAndWait, occupyPort, query, serverPid, until } from './support.ts';

const bench = createBench();
afterEach(() => bench.clear());
afterAll(() => bench.remove());

const words = (connectionString: string) => query(connectionString, 'select word from kept order by word');

describe('a start', () => {
  test('makes a database in a new folder, though a shell would stumble over its name, and keeps what is written', async () => {
    const dataDir = join(await bench.folder(), 'we "ird" $(touch hurt) `x` é');
    const events: string[] = [];
    const log = (event: string) => events.push(event);
    const first = await bench.open({ dataDir, log });
    expect(first.adopted).toBe(false);
    await query(first.connectionString, "select 'é' as word into kept");
    await first.close();
    expect(await serverPid(join(dataDir, 'postgres'))).toBeNull();

    const second = await bench.open({ dataDir, log });
    expect(second.adopted).toBe(false);
    expect(second.connectionString).toBe(first.connectionString);
    expect(await words(second.connectionString)).toEqual(['é']);
    expect(events).toEqual(['embedded_database.initialised', 'embedded_database.started', 'embedded_database.started']);
  });

  test('leaves nothing but the home, the port and the password, and the password to nobody else', async () => {
    const dataDir = await bench.usedDataDir();
    const logged: string[] = [];
    const { connectionString } = await bench.open({ dataDir, log: (...line) => logged.push(JSON.stringify(line)) });
    expect((await readdir(dataDir)).sort()).toEqual(['postgres', 'postgres-password', 'postgres-port']);
    expect((await readdir(join(dataDir, 'postgres'))).sort()).toEqual(['data', 'server.log']);
    const password = (await readFile(join(dataDir, 'postgres-password'), 'utf8')).trim();
    expect(new URL(connectionString).password).toBe(password);
    expect((await stat(join(dataDir, 'postgres-password'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(dataDir, 'postgres'))).mode & 0o777).toBe(0o700);
    expect(logged.length).toBeGreaterThan(0);
    expect(logged.join()).not.toContain(password);
  });

  test('asks everybody for the password, listens on the loopback alone, and is durable unless told otherwise', async () => {
    const dataDir = await bench.usedDataDir();
    const { connectionString } = await bench.open({ dataDir, durable: true, maxConnections: 42 });
    const setting = (name: string) => query(connectionString, `show ${name}`);
    expect(await setting('listen_addresses')).toEqual(['127.0.0.1']);
    expect(await setting('unix_socket_directories')).toEqual(['']);
    expect(await setting('fsync')).toEqual(['on']);
    expect(await setting('full_page_writes')).toEqual(['on']);
    expect(await setting('max_connections')).toEqual(['42']);
    const withoutPassword = new URL(connectionString);
    withoutPassword.password = 'wrong';
    await expect(query(withoutPassword.href, 'select 1')).rejects.toThrow('password authentication failed');
  });

  test.runIf(process.platform === 'linux')(
    'gives the server none of the service’s environment, where its secrets may be',
    async () => {
      const dataDir = await bench.usedDataDir();
      const service = await bench.startService({ dataDir });
      expect(service.answer).toMatchObject({ adopted: false });
      const pid = await serverPid(join(dataDir, 'postgres'));
      expect(await readFile(`/proc/${service.pid}/environ`, 'utf8')).toContain('for-the-service-alone');
      expect(await readFile(`/proc/${pid}/environ`, 'utf8')).not.toContain('for-the-service-alone');
    },
  );

  test.runIf(isRoot)(
    'has the server of a root service run by another user, who owns its home and nothing else',
    async () => {
      const dataDir = await bench.usedDataDir();
      await bench.open({ dataDir });
      const { uid } = await stat(join(dataDir, 'postgres', 'data'));
      expect(uid).not.toBe(0);
      expect((await stat(`/proc/${await serverPid(join(dataDir, 'postgres'))}`)).uid).toBe(uid);
      expect((await stat(join(dataDir, 'postgres-password'))).uid).toBe(0);
      expect((await stat(dataDir)).mode & 0o777).toBe(0o711);
    },
  );

  test('takes another port when the one of the last start is taken, and keeps that', async () => {
    const dataDir = await bench.usedDataDir();
    const port = Number(await readFile(join(dataDir, 'postgres-port'), 'utf8'));
    await using _taken = await occupyPort(port);
    const first = await bench.open({ dataDir });
    expect(new URL(first.connectionString).port).not.toBe(String(port));
    await first.close();
    const second = await bench.open({ dataDir });
    expect(second.connectionString).toBe(first.connectionString);
  });
});

describe('after kill -9 of the service', () => {
  test('the server lives on and the next start adopts it, and stops it in the end', async () => {
    const dataDir = await bench.usedDataDir();
    const killed = await bench.startService({ dataDir });
    const pid = await serverPid(join(dataDir, 'postgres'));
    await killed.kill('SIGKILL');

    const next = await bench.open({ dataDir });
    expect(next.adopted).toBe(true);
    expect(next.connectionString).toBe(killed.answer.connectionString);
    expect(await serverPid(join(dataDir, 'postgres'))).toBe(pid);
    expect(await words(next.connectionString)).toContain('before');
    await next.close();
    expect(await serverPid(join(dataDir, 'postgres'))).toBeNull();
  });

  test('so it does after Ctrl-C, which goes to the whole process group', async () => {
    const dataDir = await bench.usedDataDir();
    const interrupted = await bench.startService({ dataDir });
    await interrupted.kill('SIGINT');
    const next = await bench.open({ dataDir });
    expect(next.adopted).toBe(true);
  });
});

describe('after kill -9 of the server', () => {
  test('the service is told, and the next start recovers what was committed', async () => {
    const dataDir = await bench.usedDataDir();
    const lost: string[] = [];
    const database = await bench.open({ dataDir, durable: true, onLost: (error) => lost.push(error.message) });
    await query(database.connectionString, "insert into kept values ('committed')");
    await killAndWait((await serverPid(join(dataDir, 'postgres'))) ?? 0);
    await until(() => lost.length > 0);
    expect(lost).toEqual([expect.stringMatching(/has stopped: see server\.log .* start the service again/)]);
    await database.close();

    const next = await bench.open({ dataDir });
    expect(next.adopted).toBe(false);
    expect(await words(next.connectionString)).toEqual(['before', 'committed']);
  });

  test('a lock file whose process id now belongs to another program is no obstacle', async () => {
    const dataDir = await bench.usedDataDir();
    const lockFile = join(dataDir, 'postgres', 'data', 'postmaster.pid');
    await writeFile(
      lockFile,
      [process.pid, join(dataDir, 'postgres', 'data'), 1, 5432, '', '127.0.0.1', '', 'ready', ''].join('\n'),
    );
    const events: string[] = [];
    const database = await bench.open({ dataDir, log: (event) => events.push(event) });
    expect(events).toEqual(['embedded_database.stale_lock_file_removed', 'embedded_database.started']);
    expect(await words(database.connectionString)).toContain('before');
  });

  test('one of its processes being killed ends all connections, and the folder is held again a moment later', async () => {
    const dataDir = await bench.usedDataDir();
    const events: string[] = [];
    const lost: string[] = [];
    const log = (event: string) => events.push(event);
    const database = await bench.open({ dataDir, log, onLost: (error) => lost.push(error.message) });
    const [checkpointer] = await query(
      database.connectionString,
      "select pid from pg_stat_activity where backend_type = 'checkpointer'",
    );
    process.kill(Number(checkpointer), 'SIGKILL');
    await until(() => events.includes('embedded_database.connection_regained'));
    expect(events.slice(-2)).toEqual(['embedded_database.connection_lost', 'embedded_database.connection_regained']);
    expect((await bench.startService({ dataDir })).answer.error).toContain(`already used by process ${process.pid}`);
    expect(lost).toEqual([]);
    await database.close();
    expect(await serverPid(join(dataDir, 'postgres'))).toBeNull();
  });
});

describe('two services on one data folder', () => {
  test('the second is refused with the process id of the first, which goes on', async () => {
    const dataDir = await bench.usedDataDir();
    const first = await bench.startService({ dataDir });
    await expect(bench.open({ dataDir })).rejects.toThrow(
      `The data folder ${dataDir} is already used by process ${first.pid}: stop it, or set SEQPULSE_DATA_DIR to another folder.`,
    );
    expect(await words(first.answer.connectionString)).toContain('before');
  });

  test('of two first starts at once one wins, and the other says who', async () => {
    const dataDir = await bench.freshDataDir();
    const both = await Promise.all([bench.startService({ dataDir }), bench.startService({ dataDir })]);
    const winners = both.filter(({ answer }) => answer.error === undefined);
    const losers = both.filter(({ answer }) => answer.error !== undefined);
    expect(losers.map(({ answer }) => answer.error)).toEqual([
      expect.stringContaining(
        `EmbeddedDatabaseError: The data folder ${dataDir} is already used by process ${winners[0]?.pid}`,
      ),
    ]);
    expect(await query(winners[0]?.answer.connectionString ?? '', 'select 1')).toEqual([1]);
    expect((await readdir(join(dataDir, 'postgres'))).sort()).toEqual(['data', 'server.log']);
  });

  test('a start while the other one closes gets a server of its own', async () => {
    const dataDir = await bench.usedDataDir();
    const leaving = await bench.open({ dataDir });
    const closed = leaving.close();
    let next: Awaited<ReturnType<typeof bench.open>> | undefined;
    await until(async () => {
      next = await bench.open({ dataDir }).catch(() => undefined);
      return next !== undefined;
    });
    await closed;
    expect(await words(next?.connectionString ?? '')).toContain('before');
    await next?.close();
  });

  test('close gives the folder free, also when it is called twice', async () => {
    const dataDir = await bench.usedDataDir();
    const first = await bench.open({ dataDir });
    await Promise.all([first.close(), first.close()]);
    const second = await bench.open({ dataDir });
    expect(await words(second.connectionString)).toContain('before');
  });
});
