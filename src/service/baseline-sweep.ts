import type { SweepDeps } from '../baseline/deps.ts';
import { type BaselineSweep, startBaselineSweep } from '../baseline/sweep.ts';
import { type Database, openDatabase } from '../db/database.ts';
import type { Connections } from './connections.ts';

/** The sweep, on connections of its own: what it waits for holds up nobody. */
export function openBaselineSweep({
  connections,
  sourcesOver,
  ...rest
}: Omit<SweepDeps, 'db' | 'sources'> & {
  readonly connections: Pick<Connections, 'baseline'>;
  readonly sourcesOver: (db: Database) => SweepDeps['sources'];
}): BaselineSweep {
  const db = openDatabase(connections.baseline.pool, { begin: connections.baseline.begin });
  return startBaselineSweep({ ...rest, db, sources: sourcesOver(db) });
}
