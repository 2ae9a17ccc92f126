import { isFaultOfOneRow } from '../db/connection/pool.ts';
import type { Tables } from '../db/database.ts';
import type { CollectStatements } from '../lifecycle/deps.ts';
import type { NewSample } from '../model/sample.ts';
import { gather } from './gather.ts';

/** Milliseconds. Applications do not answer in the same instant; a sample can wait that long for its neighbours. */
const STORE_WAIT_MS = 10;

export function createCollectStatements(db: Pick<Tables, 'deployments' | 'samples'>): CollectStatements {
  return {
    findContext: gather({
      waitMs: 0,
      mayBeOnes: isFaultOfOneRow,
      async together(ids: readonly string[]) {
        const contexts = await db.deployments.findCollectContexts(ids);
        return ids.map((id) => contexts.get(id) ?? null);
      },
    }),
    storePre: gather({
      waitMs: STORE_WAIT_MS,
      mayBeOnes: isFaultOfOneRow,
      together: async (samples: readonly NewSample[]) => await db.samples.storePres(samples),
    }),
    storePost: gather({
      waitMs: STORE_WAIT_MS,
      mayBeOnes: isFaultOfOneRow,
      together: async (samples: readonly NewSample[]) => await db.samples.storePosts(samples),
    }),
  };
}
