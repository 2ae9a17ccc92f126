import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { ensureDataDir } from '../../src/data-folder/data-folder.ts';
import { databaseUser } from '../../src/embedded-postgres/database-user.ts';
import { locatePrograms, programsIn } from '../../src/embedded-postgres/programs.ts';
import { canBecomeNobody, createBench, failureOf, isRoot, NOBODY, query, serverPid } from './support.ts';

const bench = createBench();
afterEach(() => bench.clear());
afterAll(() => bench.remove());

describe.runIf(isRoot)('a service that runs as root', () => {
  test('below a folder of mode 700 keeps data and programs where that user reaches them, over restarts too', async () => {
    const closed = await bench.folder();
    await chmod(closed, 0o700);
    const { folder } = locatePrograms({ platform: process.platform, architecture: process.arch });
    execFileSync('cp', ['-a', folder, join(closed, 'native')]);
    const relocationRoot = await bench.folder();
    const dataDir = join(closed, 'data');
    const events: string[] = [];
    const options = {
      dataDir,
      log: (event: string) => events.push(event),
      machine: { programs: programsIn(join(closed, 'native'), '1.0'), relocationRoot },
    };
    const first = await bench.open(options);
    const [name = ''] = await readdir(relocationRoot);
    const home = join(relocationRoot, name);
    bench.watchHome(home);
    expect(events).toEqual(
      ['placed_elsewhere', 'programs_copied', 'initialised', 'started'].map((event) => `embedded_database.${event}`),
    );
    expect((await readFile(join(dataDir, 'postgres-place'), 'utf8')).trim()).toBe(home);
    expect(await readFile(join(home, 'belongs-to'), 'utf8')).toBe(`${dataDir}\n`);
    expect((await readdir(home)).sort()).toEqual(['belongs-to', 'data', 'programs-1.0', 'server.log']);
    await query(first.connectionString, "select 'kept' as word into kept");
    await first.close();

    // Its place is written down: that the folder is open now must not bring up an empty database in it.
    await chmod(closed, 0o755);
    const second = await bench.open(options);
    expect(await query(second.connectionString, 'select word from kept')).toEqual(['kept']);
    expect(events.slice(4)).toEqual(['embedded_database.started']);
    await second.close();

    await rm(home, { recursive: true });
    expect(await failureOf(bench.open(options))).toContain(
      `EmbeddedDatabaseError: The database of ${dataDir} was kept in ${home}, which is gone: restore it from a backup`,
    );
  });

  test('uses an empty folder of mode 700 in place, as mktemp makes them', async () => {
    const dataDir = join(await bench.folder(), 'data');
    await mkdir(dataDir, { mode: 0o700 });
    await ensureDataDir(dataDir);
    expect((await stat(dataDir)).mode & 0o777).toBe(0o711);
    await chmod(dataDir, 0o700);
    await writeFile(join(dataDir, 'file'), '');
    await ensureDataDir(dataDir);
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
  });

  test('does not begin an empty database elsewhere when the one there is can’t be reached any more', async () => {
    const dataDir = await bench.freshDataDir();
    await mkdir(join(dataDir, 'postgres', 'data'), { recursive: true });
    await chmod(join(dataDir, '..'), 0o700);
    const relocationRoot = await bench.folder();
    expect(await failureOf(bench.open({ dataDir, machine: { relocationRoot } }))).toMatch(
      /The database in .* runs as the user with id \d+, who can't reach it any more: run `chmod o\+x`/,
    );
    expect(await readdir(relocationRoot)).toEqual([]);
  });
});

describe.runIf(canBecomeNobody)('a service that runs as a normal user', () => {
  test('starts, is adopted after kill -9, stops, and keeps its data; and once as root takes nothing away from it', async () => {
    const dataDir = await bench.freshDataDir();
    await chown(join(dataDir, '..'), NOBODY.uid, NOBODY.gid);
    const first = await bench.startService({ dataDir }, NOBODY);
    expect(first.answer).toMatchObject({ adopted: false });
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    await query(first.answer.connectionString, "select 'kept' as word into kept");
    await first.kill('SIGKILL');
    const second = await bench.startService({ dataDir }, NOBODY);
    expect(second.answer).toMatchObject({ adopted: true });
    await second.end();
    expect(await serverPid(join(dataDir, 'postgres'))).toBeNull();

    await rm(join(dataDir, 'postgres-port'));
    const asRoot = await bench.open({ dataDir });
    expect((await stat(`/proc/${await serverPid(join(dataDir, 'postgres'))}`)).uid).toBe(NOBODY.uid);
    await asRoot.close();
    for (const name of await readdir(dataDir)) expect((await stat(join(dataDir, name))).uid).toBe(NOBODY.uid);

    const third = await bench.startService({ dataDir }, NOBODY);
    expect(third.answer).toMatchObject({ adopted: false });
    expect(await query(third.answer.connectionString, 'select word from kept')).toEqual(['kept']);
  });
});

describe.runIf(isRoot)('who runs the server for root', () => {
  async function chosen(passwd: string, owner?: { uid: number; gid: number }) {
    const folder = await bench.folder();
    const passwdFile = join(folder, 'passwd');
    await writeFile(passwdFile, passwd);
    if (owner !== undefined) await chown(folder, owner.uid, owner.gid);
    return databaseUser({ dataFolder: join(folder, 'absent'), dataDir: folder, passwdFile });
  }
  const ROOT = 'root:x:0:0:root:/root:/bin/bash';

  test('is postgres, else nobody, else the first who is not root', async () => {
    expect(await chosen([ROOT, 'nobody:x:65534:65533::/:', 'postgres:x:101:104::/:'].join('\n'))).toEqual({
      uid: 101,
      gid: 104,
    });
    expect(await chosen([ROOT, 'bin:x:2:2::/:', 'nobody:x:65534:65533::/:'].join('\n'))).toEqual({
      uid: 65_534,
      gid: 65_533,
    });
    expect(await chosen(['# comment', ROOT, 'web:x:33:34::/:', ''].join('\n'))).toEqual({ uid: 33, gid: 34 });
  });

  test('is the owner of the data folder where that is somebody with a name', async () => {
    const passwd = [ROOT, 'nobody:x:65534:65534::/:', 'ada:x:1815:1815::/:'].join('\n');
    expect(await chosen(passwd, { uid: 1815, gid: 1815 })).toEqual({ uid: 1815, gid: 1815 });
    expect(await chosen(passwd, { uid: 4242, gid: 4242 })).toEqual({ uid: 65_534, gid: 65_534 });
  });

  test('is never an id that can’t be asked for, and nobody at all is one clear line', async () => {
    const error = await failureOf(chosen([ROOT, 'nobody:*:-2:-2::/:'].join('\n')));
    expect(error).toMatch(
      /^EmbeddedDatabaseError: PostgreSQL does not run as root, and .* names no other user: .* set DATABASE_URL/,
    );
  });
});
