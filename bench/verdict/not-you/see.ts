import { hintsOf } from '../../../src/verdict/hints.ts';
import { judge } from '../../../src/verdict/judge.ts';
import { besideOthers, type OtherThatMoved } from '../../../src/verdict/others/beside-others.ts';
import { EXPLAIN_TUNING, type ExplainTuning } from '../../../src/verdict/others/explain.ts';
import { type Movement, movementOf } from '../../../src/verdict/others/movement.ts';
import type { Hint, JudgeInput, Judgement } from '../../../src/verdict/types.ts';
import type { Windows } from './incident.ts';

/** A service over an incident’s minutes. */
export interface Seen {
  readonly name: string;
  readonly judgement: Judgement & { readonly hints: readonly Hint[] };
  readonly movement: Movement | null;
}

const UNKNOWN = { finishedAtMs: null, failedReads: null, traceId: null };

export function see(name: string, { pre, post }: Windows, judgeOne: (input: JudgeInput) => Judgement = judge): Seen {
  const asked = { pre, post, expectedPre: pre.length, expectedPost: post.length, collectionEnded: null };
  const judged = judgeOne(asked);
  const judgement = { ...judged, hints: hintsOf(judged, asked, UNKNOWN) };
  return { name, judgement, movement: movementOf(judgement) };
}

/** As the service would be handed them: those that could be judged, and those of them that got worse. */
export function besideSeen(one: Seen, others: readonly Seen[], tuning: ExplainTuning = EXPLAIN_TUNING) {
  const judged = others.filter((other) => other !== one && other.judgement.verdict !== 'insufficient_data');
  const worse = judged.flatMap(({ name, movement }): OtherThatMoved[] =>
    movement === null ? [] : [{ project: { id: name, name }, movement }],
  );
  return besideOthers(one.judgement, { lookedAt: judged.length, worse }, tuning);
}
