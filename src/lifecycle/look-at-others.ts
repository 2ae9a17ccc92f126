import { othersOf, withHints } from '../baseline/others.ts';
import type { Tables } from '../db/database.ts';
import type { AnalysisContext } from '../model/deployment.ts';
import { judgeSoFar } from '../verdict/early.ts';
import { judge } from '../verdict/judge.ts';
import { besideOthers, mayBeExcused, type Others } from '../verdict/others/beside-others.ts';
import type { JudgeInput, Sample } from '../verdict/types.ts';
import type { LifecycleDeps } from './deps.ts';
import type { DeploymentJudgement } from './judgement-input.ts';

type Deps = { readonly settings: Pick<LifecycleDeps['settings'], 'otherProjects'> };
type Reads = Pick<Tables, 'neighbours'>;
type Context = Pick<AnalysisContext, 'projectId' | 'env' | 'startedAt' | 'finishedAt'>;

/**
 * An alarm beside what the other projects of its environment did in the same minutes, by their readings (besideOthers): one
 * query, and none where there is no alarm or its CPU or memory failed. Others are judged by the usual limits, and nothing is
 * known of their own noise. `others` is null where nobody was looked at.
 */
export async function lookAtOthers(
  deps: Deps,
  db: Reads,
  context: Context,
  post: readonly Sample[],
  judgement: DeploymentJudgement,
): Promise<DeploymentJudgement> {
  if (!deps.settings.otherProjects || !mayBeExcused(judgement)) return judgement;
  const others = await othersOf(db, context, post, judge);
  return others === null ? judgement : beside(judgement, others);
}

/** The same with what others did, as it is known. */
export function beside(judgement: DeploymentJudgement, others: Others): DeploymentJudgement {
  const told = besideOthers(judgement, others);
  return { ...told.judgement, others: told.beside };
}

/** Whether a rollback before the window is over would rest on nothing but what others explain by what was read until now. */
export async function isElseExplained(deps: Deps, db: Reads, context: Context, input: JudgeInput): Promise<boolean> {
  const judgement = withHints(judgeSoFar(input), input);
  if (!deps.settings.otherProjects || !mayBeExcused(judgement)) return false;
  const others = await othersOf(db, context, input.post, judgeSoFar);
  return others !== null && besideOthers(judgement, others).beside.lowered;
}
