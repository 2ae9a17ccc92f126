import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { tiedByProject } from '../../src/db/shards/tied-by-project.ts';
import { clusterOf, withDatabase } from './cluster.ts';
import { TEMPLATE_DATABASE } from './global-setup.ts';

export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  /** A query on a connection of its own, past everything the service does. */
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
}

/** A fresh copy of the migrated template (or nothing at all); dropped at the end, connections and all. */
export async function createTestDatabase(options: { readonly empty?: boolean } = {}): Promise<TestDatabase> {
  const adminUrl = inject('databaseAdminUrl');
  const name = `t_${randomBytes(6).toString('hex')}`;
  const { adminUrls, distributes } = await clusterOf(adminUrl);
  const template = options.empty === true ? 'template1' : TEMPLATE_DATABASE;
  for (const node of adminUrls) await onAdmin(node, `create database ${name} template ${template}`);
  const url = withDatabase(adminUrl, name);
  // A test may give the database hostile defaults; what the test itself reads stays readable on every new connection.
  const pool = new pg.Pool({
    connectionString: url,
    max: 3,
    options:
      '-c datestyle=ISO,MDY -c default_transaction_isolation=read\\ committed -c default_transaction_read_only=off',
  });
  pool.on('error', () => {});
  return {
    url,
    query: async (text, values) => (await pool.query(distributes ? tiedByProject(text) : text, values)).rows,
    async [Symbol.asyncDispose]() {
      await pool.end();
      for (const node of adminUrls) await onAdmin(node, `drop database if exists ${name} with (force)`);
    },
  };
}

/** `create database … template` needs the template to itself: those who come at the same time try again. */
async function onAdmin(adminUrl: string, statement: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const client = new pg.Client({ connectionString: adminUrl });
    try {
      await client.connect();
      await client.query('select pg_advisory_lock(4711)');
      await client.query(statement);
      return;
    } catch (error) {
      const { code } = error as { code?: string };
      if (attempt >= 5 || code !== '55006') throw error;
    } finally {
      await client.end();
    }
  }
}
