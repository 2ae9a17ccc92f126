import { isFaultOfOneRow } from '../db/connection/pool.ts';
import type { Tables } from '../db/database.ts';
import type { TriggerContext, TriggerQuestion } from '../model/deployment-start.ts';
import { gather } from './gather.ts';

/** What a trigger must know, one statement for all that ask in the same turn. */
export function createFindTriggerContext(
  db: Pick<Tables, 'deployments'>,
): (question: TriggerQuestion) => Promise<TriggerContext> {
  return gather({
    waitMs: 0,
    mayBeOnes: isFaultOfOneRow,
    together: async (questions: readonly TriggerQuestion[]) => await db.deployments.findTriggerContexts(questions),
  });
}
