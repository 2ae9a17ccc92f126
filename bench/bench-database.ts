import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { type OwnServer, startOwnServer } from '../harness/own-server.ts';
import { type EmbeddedDatabase, openEmbeddedDatabase } from '../src/embedded-postgres/embedded-database.ts';
import { type Programs, programsIn } from '../src/embedded-postgres/programs.ts';

/** Of another PostgreSQL than the embedded one: the folder in which bin/ lies (/usr/lib/postgresql/15). Says which it is. */
function otherPostgres(): { readonly programs: Programs; readonly major: number } | null {
  const folder = process.env.BENCH_POSTGRES;
  if (folder === undefined) return null;
  const programs = programsIn(folder, 'its own');
  const version = spawnSync(programs.postgres, ['--version'], { encoding: 'utf8' }).stdout.trim();
  console.log(version);
  return { programs, major: Number(/(\d+)/.exec(version)?.[1]) };
}

/** A durable PostgreSQL for a benchmark: the embedded one, or that of BENCH_POSTGRES. */
export async function openBenchDatabase(
  dataDir: string,
  options: { readonly maxConnections?: number } = {},
): Promise<EmbeddedDatabase> {
  const other = otherPostgres();
  if (other === null) return await openEmbeddedDatabase({ dataDir, log: () => {}, ...options });
  // The built-in locale came with 17.
  const programs = other.major < 17 ? { ...other.programs, localeArguments: ['--locale=C.UTF-8'] } : other.programs;
  return await openEmbeddedDatabase({ dataDir, log: () => {}, machine: { programs }, ...options });
}

/** The same with its own defaults, for a benchmark that looks at the server itself. */
export async function startBenchServer(): Promise<OwnServer> {
  const other = otherPostgres();
  return await startOwnServer(other === null ? {} : { binFolder: join(other.programs.folder, 'bin') });
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
