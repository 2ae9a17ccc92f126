import type { Tables } from '../db/database.ts';
import type { DeploymentView } from '../model/deployment.ts';
import { gather } from './gather.ts';

/** Finds a deployment by its id, one statement for all that are asked for in the same turn; null: there is none. */
export function createFindDeployment(
  db: Pick<Tables, 'deploymentReads'>,
): (id: string) => Promise<DeploymentView | null> {
  return gather({
    waitMs: 0,
    mayBeOnes: () => false,
    async together(ids: readonly string[]) {
      const found = await db.deploymentReads.findMany([...new Set(ids)]);
      return ids.map((id) => found.get(id) ?? null);
    },
  });
}
