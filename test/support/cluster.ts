import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

/**
 * The nodes of a Citus cluster, when the maintenance database of the server that the tests were given has them
 * (`create extension citus`, `citus_set_coordinator_host`, `citus_add_node`): then a test's database is on all of them, and its
 * tables are distributed by deploy/citus. A server by itself is a cluster of one, with nothing to distribute.
 */
export interface Cluster {
  readonly distributes: boolean;
  /** Maintenance databases, the given server's first. */
  readonly adminUrls: readonly string[];
}

const SQL = ['distribute', 'views', 'views-by-hand'].map((name) =>
  readFileSync(fileURLToPath(new URL(`../../deploy/citus/${name}.sql`, import.meta.url)), 'utf8'),
);

const clusters = new Map<string, Promise<Cluster>>();

export async function clusterOf(adminUrl: string): Promise<Cluster> {
  let cluster = clusters.get(adminUrl);
  if (cluster === undefined) {
    cluster = findCluster(adminUrl);
    clusters.set(adminUrl, cluster);
  }
  return await cluster;
}

async function findCluster(adminUrl: string): Promise<Cluster> {
  return await connected(adminUrl, async (client) => {
    const { rows } = await client.query<{ is: boolean }>(
      `select to_regclass('pg_catalog.pg_dist_node') is not null as is`,
    );
    if (rows[0]?.is !== true) return { distributes: false, adminUrls: [adminUrl] };
    const { rows: workers } = await client.query<{ nodename: string; nodeport: number }>(
      'select nodename, nodeport from pg_catalog.pg_dist_node where groupid <> 0 order by groupid',
    );
    const urls = workers.map(({ nodename, nodeport }) => {
      const url = new URL(adminUrl);
      url.hostname = nodename;
      url.port = String(nodeport);
      return url.href;
    });
    return { distributes: true, adminUrls: [adminUrl, ...urls] };
  });
}

/** The database of this name on every node becomes one of a cluster. */
export async function joinNodes({ adminUrls }: Cluster, name: string): Promise<void> {
  const urls = adminUrls.map((adminUrl) => withDatabase(adminUrl, name));
  for (const url of urls) await connected(url, async (client) => await client.query('create extension citus'));
  const [coordinator = '', ...workers] = urls
    .map((url) => new URL(url))
    .map(({ hostname, port }) => [hostname, Number(port)]);
  await connected(urls[0] ?? '', async (client) => {
    await client.query('select citus_set_coordinator_host($1, $2)', [...coordinator]);
    for (const worker of workers) await client.query('select citus_add_node($1, $2)', [...worker]);
  });
}

export async function distribute(url: string): Promise<void> {
  await connected(url, async (client) => {
    for (const statements of SQL) await client.query(statements);
  });
}

/** Nobody may be in a template that is copied, and Citus keeps a daemon in each of its databases. */
export async function leaveAlone({ adminUrls }: Cluster, name: string): Promise<void> {
  for (const adminUrl of adminUrls) {
    await connected(adminUrl, async (client) => {
      await client.query(`alter database ${name} allow_connections false`);
      await client.query('select pg_terminate_backend(pid) from pg_catalog.pg_stat_activity where datname = $1', [
        name,
      ]);
    });
  }
}

export function withDatabase(adminUrl: string, name: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}

async function connected<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
