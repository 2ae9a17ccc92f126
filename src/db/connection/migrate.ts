import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type MigrationBuilder, PG_MIGRATE_LOCK_ID, runner } from 'node-pg-migrate';
import { StartError } from '../../model/start-error.ts';
import { DEFAULT_KPI_SCHEMA, prepareKpiSchema, withKpiSchema } from './kpi-schema.ts';
import type { Queryable } from './pool.ts';
import { connectSession } from './session-client.ts';

const MIGRATIONS_FOLDER = fileURLToPath(new URL('../migrations', import.meta.url));
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Brings the schema `seqpulse` up to date. Safe when several replicas start at once: the others wait for the
 * advisory lock (the default mode makes all but one of them fail).
 * Resolves with the migrations of a newer release that the schema already has: they only add, so this one goes on.
 */
export async function migrate(
  connectionString: string,
  onStep: (message: string) => void,
  kpiSchema = DEFAULT_KPI_SCHEMA,
): Promise<readonly string[]> {
  const client = await connectSession({
    connectionString,
    applicationName: 'seqpulse migrations',
    timeoutMs: CONNECT_TIMEOUT_MS,
  });
  try {
    await refuseOtherEncodings(client);
    // The runner takes it once more. Before it looks at the schemas: another replica may be half-way through.
    await client.query('select pg_advisory_lock($1)', [PG_MIGRATE_LOCK_ID]);
    await prepareKpiSchema(client, kpiSchema);
    await runner({
      migrationLoaderStrategies: [{ extensions: ['.sql'], loader: async (paths) => await load(paths, kpiSchema) }],
      dbClient: client,
      dir: MIGRATIONS_FOLDER,
      direction: 'up',
      migrationsTable: 'migrations',
      migrationsSchema: 'seqpulse',
      // Also for one that exists the right to create schemas would be asked for.
      createMigrationsSchema: !(await schemaExists(client, 'seqpulse')),
      schema: ['seqpulse', 'public'],
      advisoryLockMode: 'wait',
      verbose: false,
      logger: { debug: () => {}, info: onStep, warn: onStep, error: onStep },
    });
    return await newerMigrations(client);
  } finally {
    await client.end();
  }
}

async function newerMigrations(connection: Queryable): Promise<string[]> {
  const files = (await readdir(MIGRATIONS_FOLDER)).map((file) => file.replace(/\.sql$/, ''));
  const { rows } = await connection.query<{ name: string }>(
    'select name from seqpulse.migrations where name <> all($1) order by name',
    [files],
  );
  return rows.map(({ name }) => name);
}

/** Migrations go one way: each file is what brings the schema up to date. */
async function load(paths: readonly string[], kpiSchema: string) {
  return await Promise.all(
    paths.map(async (path) => {
      const sql = withKpiSchema(await readFile(path, 'utf8'), kpiSchema);
      const actions = { up: (builder: MigrationBuilder) => builder.sql(sql), down: false as const };
      return { id: path, filePaths: [path], actions };
    }),
  );
}

export async function schemaExists(connection: Queryable, name: string): Promise<boolean> {
  const { rows } = await connection.query('select 1 from pg_catalog.pg_namespace where nspname = $1', [name]);
  return rows.length > 0;
}

/** In any other, the first name with a letter that it lacks would be an error long after the start. */
async function refuseOtherEncodings(connection: Queryable): Promise<void> {
  const { rows } = await connection.query<{ encoding: string }>(
    `select current_setting('server_encoding') as encoding`,
  );
  const encoding = rows[0]?.encoding;
  if (encoding === 'UTF8') return;
  throw new StartError(
    `The database can’t be used: its encoding is ${encoding}. Create one with encoding UTF8 (create database … encoding 'UTF8' template template0).`,
  );
}
