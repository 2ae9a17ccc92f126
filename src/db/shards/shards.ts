import type pg from 'pg';
import type { Queryable } from '../connection/pool.ts';
import { tiedByProject } from './tied-by-project.ts';

/** How statements meet a database whose tables may be distributed by project (docs/decisions/0017). */
export interface Shards {
  readonly distributed: boolean;
  /**
   * Whose a deployment is, for a statement that meets its shard alone ({@link inProject}). null on one PostgreSQL, where
   * the statement need not be told.
   */
  projectOf(deploymentId: string): Promise<string | null>;
  projectsOf(deploymentIds: readonly string[]): Promise<readonly string[] | null>;
  /** What belongs to several projects, a group for each statement: all together on one PostgreSQL. */
  groups<Item>(
    items: readonly Item[],
    deploymentOf: (item: Item) => string,
  ): Promise<readonly { readonly projectId: string | null; readonly items: readonly Item[] }[]>;
  /** A deployment that is being stored: nobody else can tell yet whose it is. */
  remember(deploymentId: string, projectId: string): void;
}

export const ONE_DATABASE: Shards = {
  distributed: false,
  projectOf: async () => null,
  projectsOf: async () => null,
  groups: async (items) => [{ projectId: null, items }],
  remember: () => {},
};

/** A condition that is told nothing on one PostgreSQL. `parameter`: its number; `of`: the table's alias with its dot. */
export const inProject = (parameter: number, of = ''): string =>
  `($${parameter}::uuid is null or ${of}project_id = $${parameter})`;

/** Of a deployment that is gone: one shard is asked, and has none. */
const NOBODYS = '00000000-0000-0000-0000-000000000000';
/** Some megabytes. What was forgotten is asked of all shards once. */
const MAX_KNOWN = 20_000;

/** Whose deployments are: that never changes. Shared by all connections of a pool. */
export type KnownProjects = Map<string, string>;

export function createShards(connection: Queryable, known: KnownProjects): Shards {
  function remember(deploymentId: string, projectId: string): void {
    known.set(deploymentId, projectId);
    const [oldest] = known.keys();
    if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
  }
  async function learn(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const found = new Map(ids.flatMap((id) => (known.has(id) ? [[id, known.get(id) as string] as const] : [])));
    const unknown = ids.filter((id) => !found.has(id));
    if (unknown.length === 0) return found;
    const { rows } = await connection.query<{ id: string; project_id: string }>(
      'select id, project_id from seqpulse.deployments where id = any($1::uuid[])',
      [unknown],
    );
    for (const { id, project_id } of rows) {
      remember(id, project_id);
      found.set(id, project_id);
    }
    return found;
  }
  return {
    distributed: true,
    remember,
    projectOf: async (id) => (await learn([id])).get(id) ?? NOBODYS,
    projectsOf: async (ids) => [...new Set((await learn(ids)).values())],
    async groups(items, deploymentOf) {
      const projects = await learn(items.map(deploymentOf));
      const grouped = Map.groupBy(items, (item) => projects.get(deploymentOf(item)) ?? NOBODYS);
      return [...grouped].map(([projectId, ofProject]) => ({ projectId, items: ofProject }));
    },
  };
}

const tied = new Map<string, string>();

/** The same connection, for statements of a distributed database. */
export function tiedStatements(connection: Queryable): Queryable {
  return {
    async query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]) {
      // The queue's are as they are.
      if (!text.includes('seqpulse.')) return await connection.query<Row>(text, values);
      let statement = tied.get(text);
      if (statement === undefined) {
        statement = tiedByProject(text);
        tied.set(text, statement);
      }
      return await connection.query<Row>(statement, values);
    },
  };
}

/** Whether deploy/citus has distributed this database's tables. */
export async function isDistributed(connection: Queryable): Promise<boolean> {
  const { rows } = await connection.query<{ distributes: boolean }>(
    `select to_regclass('pg_catalog.pg_dist_partition') is not null as distributes`,
  );
  if (rows[0]?.distributes !== true) return false;
  const { rowCount } = await connection.query(
    `select from pg_catalog.pg_dist_partition where logicalrelid = to_regclass('seqpulse.deployments') and partmethod = 'h'`,
  );
  return rowCount === 1;
}
