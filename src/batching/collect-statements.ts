import { isFaultOfOneRow } from '../db/connection/pool.ts';
import type { Tables } from '../db/database.ts';
import type { CollectContext } from '../model/deployment.ts';
import type { NewSample } from '../model/sample.ts';
import { gather } from './gather.ts';

/** The statements of collects, made for all that run at the same time: due jobs come in batches. */
export interface CollectStatements {
  /** null: the deployment is gone. */
  readonly findContext: (deploymentId: string) => Promise<CollectContext | null>;
  /** "dropped": nothing waits for the sample any more, or it is stored already. */
  readonly storePre: (sample: NewSample) => Promise<'stored' | 'dropped'>;
}

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
  };
}
