import type { SweepDeps } from '../baseline/deps.ts';
import { type BaselineSweep, startBaselineSweep } from '../baseline/sweep.ts';
import type { Database } from '../db/database.ts';

/** The sweep. `db`: over connections of its own, so that what it waits for holds up nobody. */
export function openBaselineSweep({
  db,
  sourcesOver,
  ...rest
}: Omit<SweepDeps, 'db' | 'sources'> & {
  readonly db: Database;
  readonly sourcesOver: (db: Database) => SweepDeps['sources'];
}): BaselineSweep {
  return startBaselineSweep({ ...rest, db, sources: sourcesOver(db) });
}
