import { chmod, chown, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EmbeddedDatabaseError, programFailure } from '../../src/embedded-postgres/errors.ts';
import { type Programs, programsIn } from '../../src/embedded-postgres/programs.ts';
import { startServer } from '../../src/embedded-postgres/server.ts';
import { canBecomeNobody, createBench, failureOf, NOBODY, occupyPort, query, serverPid } from './support.ts';

const bench = createBench();
afterEach(() => bench.clear());
afterAll(() => bench.remove());

/** Programs that do what the shell lines say. */
async function programsThat(scripts: { postgres: string; initdb?: string }): Promise<Programs> {
  const folder = await bench.folder();
  await mkdir(join(folder, 'bin'));
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(join(folder, 'bin', name), script);
    await chmod(join(folder, 'bin', name), 0o755);
  }
  return programsIn(folder, '1.0');
}
const POSTGRES_18 = '#!/bin/sh\necho "postgres (PostgreSQL) 18.4"\n';

describe('a start is refused with one line that says what to do', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await bench.freshDataDir();
  });

  test('when the data folder is a file', async () => {
    await writeFile(dataDir, 'text');
    expect(await failureOf(bench.open({ dataDir }))).toBe(
      `EmbeddedDatabaseError: The data folder ${dataDir} is a file, not a folder: remove it or set SEQPULSE_DATA_DIR to another folder.`,
    );
    expect(await readFile(dataDir, 'utf8')).toBe('text');
  });

  test.runIf(canBecomeNobody)('when the data folder can’t be made or written', async () => {
    const parent = join(dataDir, '..');
    const madeByRoot = await bench.startService({ dataDir }, NOBODY);
    expect(madeByRoot.answer.error).toBe(
      `EmbeddedDatabaseError: The user with id 65534 may not write to ${dataDir}: give it the right to, or set SEQPULSE_DATA_DIR to another folder.`,
    );
    const readable = await bench.startService({ dataDir: parent }, NOBODY);
    expect(readable.answer.error).toContain(`The user with id 65534 may not write to ${parent}`);
  });

  test.runIf(canBecomeNobody)('when root made the data folder and somebody else starts the service', async () => {
    await mkdir(dataDir);
    await writeFile(join(dataDir, 'postgres-password'), 'x', { mode: 0o600 });
    await chown(dataDir, NOBODY.uid, NOBODY.gid);
    const { answer } = await bench.startService({ dataDir }, NOBODY);
    expect(answer.error).toMatch(
      /postgres-password can't be read \(EACCES\): start the service as the user who made it/,
    );
  });

  test.runIf(canBecomeNobody)('when the user has no entry in /etc/passwd, which initdb wants', async () => {
    const nameless = { uid: 54_321, gid: 54_321 };
    await mkdir(dataDir);
    await chown(dataDir, nameless.uid, nameless.gid);
    const { answer } = await bench.startService({ dataDir }, nameless);
    expect(answer.error).toBe(
      'EmbeddedDatabaseError: PostgreSQL needs an entry in /etc/passwd for the user with id 54321: add one, start as another user, or set DATABASE_URL to a PostgreSQL server.',
    );
    expect(await readdir(join(dataDir, 'postgres'))).toEqual([]);
  });

  test('when there are no programs for this platform', async () => {
    const machine = { platform: { platform: 'sunos', architecture: 'sparc' } };
    expect(await failureOf(bench.open({ dataDir, machine }))).toBe(
      'EmbeddedDatabaseError: There is no embedded PostgreSQL for sunos-sparc here (the package @embedded-postgres/sunos-sparc is not installed): set DATABASE_URL to a PostgreSQL server, such as postgres://user:password@host:5432/database.',
    );
  });

  test('when the programs were built for another C library', async () => {
    const programs = await programsThat({ postgres: '#!/no/such/loader\n' });
    expect(await failureOf(bench.open({ dataDir, machine: { programs } }))).toContain(
      'needs glibc, which this system lacks (Alpine and other musl systems): set DATABASE_URL',
    );
  });

  test('when the programs lack their libraries', async () => {
    const programs = await programsThat({
      postgres:
        '#!/bin/sh\necho "postgres: error while loading shared libraries: libssl.so.1.1: not found" >&2\nexit 127\n',
    });
    expect(await failureOf(bench.open({ dataDir, machine: { programs } }))).toContain('run `npm rebuild`');
  });

  test('when the programs may not be run', async () => {
    const programs = await programsThat({ postgres: POSTGRES_18 });
    await chmod(programs.postgres, 0o644);
    expect(await failureOf(bench.open({ dataDir, machine: { programs } }))).toMatch(
      /postgres can't be run \(EACCES\): make it executable/,
    );
  });

  test('when initdb fails, with its last word, and leaves nothing of this start nor of one that was killed', async () => {
    // No system gives process ids of this size.
    await mkdir(join(dataDir, 'postgres', 'initdb-2147483646-0a'), { recursive: true });
    const programs = await programsThat({
      postgres: POSTGRES_18,
      initdb: '#!/bin/sh\nmkdir "$PGDATA"; echo "creating…"; echo "initdb: error: the moon is full" >&2; exit 1\n',
    });
    expect(await failureOf(bench.open({ dataDir, machine: { programs } }))).toBe(
      `EmbeddedDatabaseError: initdb failed in ${join(dataDir, 'postgres')}: the moon is full. Put that right, or set DATABASE_URL to a PostgreSQL server.`,
    );
    expect((await readdir(join(dataDir, 'postgres'))).filter((name) => !name.startsWith('programs-'))).toEqual([]);
  });

  test('when the data belong to another major version', async () => {
    await mkdir(join(dataDir, 'postgres', 'data'), { recursive: true });
    await writeFile(join(dataDir, 'postgres', 'data', 'PG_VERSION'), '17\n');
    await writeFile(join(dataDir, 'postgres-password'), 'x', { mode: 0o600 });
    expect(await failureOf(bench.open({ dataDir }))).toMatch(
      /The data in .* belong to PostgreSQL 17, and the embedded one is 18: start the release of SeqPulse that made them, move/,
    );
  });

  test('when the folder for the data holds something else, which stays as it is', async () => {
    const data = join(dataDir, 'postgres', 'data');
    await mkdir(data, { recursive: true });
    await writeFile(join(data, 'diary'), 'mine');
    expect(await failureOf(bench.open({ dataDir }))).toContain(`${data} holds files but no PostgreSQL database`);
    expect(await readdir(data)).toEqual(['diary']);
  });

  test('when the password of existing data is missing, and again when it is another one', async () => {
    dataDir = await bench.copiedDataDir();
    const path = join(dataDir, 'postgres-password');
    await rm(path);
    expect(await failureOf(bench.open({ dataDir }))).toContain(
      `${path}, the password of the database beside it, is missing`,
    );
    await writeFile(path, 'something else\n', { mode: 0o600 });
    expect(await failureOf(bench.open({ dataDir }))).toMatch(/refuses the password kept in .*: restore that file/);
  });

  test('when the port that was asked for is taken', async () => {
    dataDir = await bench.usedDataDir();
    await using taken = await occupyPort();
    expect(await failureOf(bench.open({ dataDir, port: taken.port }))).toBe(
      `EmbeddedDatabaseError: Port ${taken.port} of 127.0.0.1, wanted for the embedded PostgreSQL, is taken: free it, or set DATABASE_URL to a PostgreSQL server.`,
    );
  });

  test('when the server can’t start, with the reason from its own log', async () => {
    dataDir = await bench.copiedDataDir();
    await writeFile(join(dataDir, 'postgres', 'data', 'postgresql.auto.conf'), "no_such_setting = 'x'\n");
    expect(await failureOf(bench.open({ dataDir }))).toMatch(
      /The embedded PostgreSQL failed in .*: configuration file ".*" contains errors\. Put that right, or set DATABASE_URL/,
    );
  });
});

describe('an open that fails after the server has started', () => {
  test('stops the server and gives the folder free', async () => {
    const dataDir = await bench.copiedDataDir();
    const server = await startServer({ dataDir, durable: false });
    await query(server.connectionString('postgres'), 'drop database seqpulse');
    await query(server.connectionString('postgres'), 'alter system set default_transaction_read_only = on');
    await server.stop();
    expect(await failureOf(bench.open({ dataDir }))).toMatch(
      /Creating the database failed in .*: cannot execute CREATE DATABASE in a read-only transaction\. Put that right/,
    );
    expect(await serverPid(join(dataDir, 'postgres'))).toBeNull();
  });
});

describe('programFailure', () => {
  test.each([
    [
      'initdb: error: could not write to file "x": No space left on device',
      /no space left on the disk of \/d: free some/,
    ],
    [
      '2030-01-01 00:00:00 UTC [1] FATAL:  could not write lock file "postmaster.pid": Disk quota exceeded',
      /no space left/,
    ],
    ['initdb: error: could not create directory "/d": Read-only file system', /\/d is on a read-only file system/],
    ['', /it failed in \/d: no reason given\./],
    [
      'a\nFATAL:  the reason.\npg_ctl: could not start server\nExamine the log output.\n',
      /it failed in \/d: the reason\. Put/,
    ],
  ])('makes one line of %j', (output, expected) => {
    const error = programFailure('it', '/d', output);
    expect(error).toBeInstanceOf(EmbeddedDatabaseError);
    expect(error.message).toMatch(expected);
    expect(error.message).not.toContain('\n');
  });
});
