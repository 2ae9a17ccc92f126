import type { Tables } from '../db/database.ts';
import type { LevelChange } from '../model/level.ts';

type Db = Pick<Tables, 'levelHistory'>;

/** Deployments looked at. More in a week than this means that something else is wrong than the newest thousand can say. */
const MOST = 1_000;
/** What nearly always reaches back far enough: half the price of the exact question, at every trigger. */
const A_FEW = 10;
/** How far a bad state is followed back; beyond it, the oldest bad deployment seen stands for the first. */
const MAX_STEPS_BACK = 50;

/**
 * All that is needed to know an environment's level from `sinceMs` on, oldest first: its deployments since then, and
 * the last one before that says something. Older ones may be among them.
 */
export async function readHistory(db: Db, projectId: string, env: string, sinceMs: number): Promise<LevelChange[]> {
  const few = await db.levelHistory.newestOf(projectId, env, A_FEW);
  const reachesBack = few.some((change) => change.judgement !== 'unknown' && change.startedAtMs < sinceMs);
  if (few.length < A_FEW || reachesBack) return few;
  return await db.levelHistory.listOf(projectId, env, new Date(sinceMs), MOST);
}

/** `history`, led back to the last good deployment before it: so it holds the one with which a bad state began. */
export async function readBrokenHistory(
  db: Db,
  place: { readonly projectId: string; readonly env: string },
  history: readonly LevelChange[],
): Promise<LevelChange[]> {
  const whole = [...history];
  for (let step = 0; step < MAX_STEPS_BACK; step += 1) {
    const oldest = whole.find((change) => change.judgement !== 'unknown');
    if (oldest === undefined || oldest.judgement !== 'bad') break;
    const before = await db.levelHistory.lastTelling(place.projectId, place.env, new Date(oldest.startedAtMs));
    if (before === null) break;
    whole.unshift(before);
  }
  return whole;
}
