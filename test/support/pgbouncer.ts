import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePorts } from '../../harness/free-ports.ts';
import { stopChild } from '../../harness/stop-child.ts';
import { until } from '../../harness/until.ts';

export interface PgBouncer extends AsyncDisposable {
  /** The database's URL through the pooler. */
  readonly url: string;
}

/** As root it refuses to run: then it runs as nobody. */
const NOBODY = 65_534;

/** The real PgBouncer, as it comes but for its mode, in front of one database. */
export async function startPgBouncer(input: {
  readonly program: string;
  readonly databaseUrl: string;
  readonly mode: 'session' | 'transaction' | 'statement';
  /** Connections to PostgreSQL; PgBouncer's default is 20. */
  readonly poolSize?: number;
}): Promise<PgBouncer> {
  const server = new URL(input.databaseUrl);
  const [port = 0] = await freePorts(1);
  const folder = await mkdtemp(join(tmpdir(), 'seqpulse-pgbouncer-'));
  const file = join(folder, 'pgbouncer.ini');
  await chmod(folder, 0o755);
  await writeFile(
    file,
    `[databases]
* = host=${server.hostname} port=${server.port} user=${server.username}${server.password && ` password=${server.password}`}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = ${input.mode}
default_pool_size = ${input.poolSize ?? 20}
`,
  );
  const asNobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const child = spawn(input.program, ['-q', file], { stdio: 'ignore', ...asNobody });
  const url = Object.assign(new URL(input.databaseUrl), { host: `127.0.0.1:${port}` }).href;
  const dispose = async () => {
    await stopChild(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await until('PgBouncer takes connections', 30, async () => await answers(url));
  } catch (error) {
    await dispose();
    throw error;
  }
  return { url, [Symbol.asyncDispose]: dispose };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end();
  }
}
