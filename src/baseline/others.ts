import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Neighbour } from '../db/baselines/neighbours.ts';
import type { Tables } from '../db/database.ts';
import { hintsOf } from '../verdict/hints.ts';
import type { Others, OtherThatMoved } from '../verdict/others/beside-others.ts';
import { movementOf } from '../verdict/others/movement.ts';
import type { JudgeInput, Judgement, Sample } from '../verdict/types.ts';

/** Reading so many takes 50 ms, and judging them as long. */
const MAX_OTHERS = 200;
/** After so many others are served: a few milliseconds. */
const IN_A_TURN = 10;
/** Before the deployment: what makes the fifteen readings of a baseline, and a few that are missing. */
const BEFORE_MS = 20 * 60_000;
/** Fewer readings before say too little of somebody else. */
const MIN_BEFORE = 5;
/** After the end of a window: readings of others have moments of their own. */
const MINUTE_MS = 60_000;

/** Whose deployment it is, and when. */
export interface DeploymentMinutes {
  readonly projectId: string;
  readonly env: string;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
}

/**
 * What the other projects of a deployment's environment did in its minutes, by their readings; `post`: its own, until the newest
 * of which theirs are looked at. null: there are no such minutes yet.
 */
export async function othersOf(
  db: Pick<Tables, 'neighbours'>,
  { projectId, env, startedAt, finishedAt }: DeploymentMinutes,
  post: readonly Sample[],
  judgeOne: (input: JudgeInput) => Judgement,
): Promise<Others | null> {
  const last = post.at(-1)?.collectedAtMs;
  if (finishedAt === null || last === undefined) return null;
  const span = { fromMs: startedAt.getTime() - BEFORE_MS, toMs: last + MINUTE_MS };
  let lookedAt = 0;
  const worse: OtherThatMoved[] = [];
  const neighbours = await db.neighbours.listOf(projectId, env, span, MAX_OTHERS);
  for (const [place, { id, name, samples }] of neighbours.entries()) {
    if (place % IN_A_TURN === IN_A_TURN - 1) await nextTurn();
    const asked = askedOf(samples, startedAt.getTime(), finishedAt.getTime());
    if (asked.pre.length < MIN_BEFORE) continue;
    const judged = judgeOne(asked);
    if (judged.verdict === 'insufficient_data') continue;
    lookedAt++;
    const movement = movementOf(withHints(judged, asked));
    if (movement !== null) worse.push({ project: { id, name }, movement });
  }
  return { lookedAt, worse };
}

/** What was read while the deployment was going on is in neither window. */
function askedOf(samples: Neighbour['samples'], startedMs: number, finishedMs: number): JudgeInput {
  const pre = samples.filter(({ collectedAtMs }) => collectedAtMs < startedMs);
  const post = samples.filter(({ collectedAtMs }) => collectedAtMs > finishedMs);
  return { pre, post, expectedPre: pre.length, expectedPost: post.length, collectionEnded: null };
}

/** A judgement with what its hints tell: since when which metric moved. */
export function withHints(judgement: Judgement, input: JudgeInput) {
  return { ...judgement, hints: hintsOf(judgement, input, { finishedAtMs: null, failedReads: null, traceId: null }) };
}
