import type { TraceStatements } from '../db/connection/pool.ts';
import { type Database, openDatabase } from '../db/database.ts';
import { isDistributed } from '../db/shards/shards.ts';
import type { Connections, ServicePool } from './connections.ts';

/** The tables, over connections by purpose. */
export interface Databases {
  readonly requestsDb: Database;
  readonly workersDb: Database;
  /** Makes no spans: what the sweep does belongs to no request and no job. */
  readonly baselineDb: Database;
}

export async function openDatabases(connections: Connections, traced: TraceStatements | undefined): Promise<Databases> {
  const distributed = await isDistributed(connections.health);
  const over = ({ pool, begin }: ServicePool, spans: TraceStatements | undefined) =>
    openDatabase(pool, { traced: spans, begin, distributed });
  return {
    requestsDb: over(connections.requests, traced),
    workersDb: over(connections.workers, traced),
    baselineDb: over(connections.baseline, undefined),
  };
}
