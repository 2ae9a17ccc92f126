import type { Tables } from '../db/database.ts';
import type { LevelChange } from '../db/level-history.ts';

/** Deployments looked at. More in a week than this means that something else is wrong than the newest thousand can say. */
const MOST = 1_000;

/**
 * All that is needed to know an environment's level from `sinceMs` on, oldest first: its deployments since then, and
 * the last one before that says something.
 */
export async function readHistory(
  db: Pick<Tables, 'levelHistory'>,
  projectId: string,
  env: string,
  sinceMs: number,
): Promise<LevelChange[]> {
  const recent = await db.levelHistory.listOf(projectId, env, new Date(sinceMs), MOST);
  const before = new Date(recent[0]?.startedAtMs ?? sinceMs);
  const last = await db.levelHistory.lastTelling(projectId, env, before);
  return last === null ? recent : [last, ...recent];
}
