import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { type EmbeddedDatabase, openEmbeddedDatabase } from '../src/embedded-postgres/embedded-database.ts';
import { programsIn } from '../src/embedded-postgres/programs.ts';

/**
 * A durable PostgreSQL for a benchmark: the embedded one, or the one whose bin/ lies in BENCH_POSTGRES
 * (/usr/lib/postgresql/15). Says which it is.
 */
export async function openBenchDatabase(dataDir: string): Promise<EmbeddedDatabase> {
  const folder = process.env.BENCH_POSTGRES;
  if (folder === undefined) return await openEmbeddedDatabase({ dataDir, log: () => {} });
  const own = programsIn(folder, 'its own');
  const version = spawnSync(own.postgres, ['--version'], { encoding: 'utf8' }).stdout.trim();
  console.log(version);
  const major = Number(/(\d+)/.exec(version)?.[1]);
  // The built-in locale came with 17.
  const programs = major < 17 ? { ...own, localeArguments: ['--locale=C.UTF-8'] } : own;
  return await openEmbeddedDatabase({ dataDir, log: () => {}, machine: { programs } });
}

/** A connection; one that its server ends first (an interrupted run) fails its next statement, not the program. */
export async function connectTo(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** A database of its own on the same server; `name` needs no quotes. Resolves with its connection string. */
export async function newDatabase(connectionString: string, name: string): Promise<string> {
  const client = await connectTo(connectionString);
  await client.query(`create database ${name}`);
  await client.end();
  const url = new URL(connectionString);
  url.pathname = `/${name}`;
  return url.href;
}

/** Process id of the server behind this connection, on this machine. */
export async function postmasterOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ folder: string }>(`select current_setting('data_directory') as folder`);
  return Number((await readFile(join(rows[0]?.folder ?? '', 'postmaster.pid'), 'utf8')).split('\n')[0]);
}
