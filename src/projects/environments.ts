import { later } from '../db/environment-reads.ts';
import type { EnvironmentReads } from '../model/environment.ts';
import { numbersOf } from '../model/sample.ts';
import type { ProjectDeps } from './deps.ts';

/** Environments that are looked up in the whole ring: more than so many that stand still are no ordinary project. */
const MAX_WHOLE_RING = 50;

/** How reading each of a project's environments has been going, by name. */
export async function readEnvironments(
  deps: Pick<ProjectDeps, 'db' | 'now'>,
  projectId: string,
): Promise<EnvironmentReads[]> {
  const environments = await deps.db.environmentReads.listOf(projectId);
  const ring = await newestOfRing(
    deps,
    environments.flatMap(({ series }) => series ?? []),
  );
  return environments.map(({ series, ...reads }) => {
    const newest = series === null ? undefined : ring.get(series);
    if (newest === undefined) return reads;
    const at = new Date(newest.collectedAtMs);
    const isNewer = reads.reading === null || at > reads.reading.at;
    return {
      ...reads,
      lastReadAt: later(reads.lastReadAt, at),
      reading: isNewer ? { at, numbers: numbersOf(newest), readMs: newest.readMs } : reads.reading,
    };
  });
}

/** Nearly all are in the last two hours; for the others the whole ring is looked through. */
async function newestOfRing({ db, now }: Pick<ProjectDeps, 'db' | 'now'>, series: readonly number[]) {
  const near = await db.baselineSamples.lastOf(series, now());
  const still = series.filter((one) => !near.has(one)).slice(0, MAX_WHOLE_RING);
  return new Map([...near, ...(await db.baselineSamples.lastOf(still, null))]);
}
