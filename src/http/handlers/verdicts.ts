import type { z } from 'zod';
import { checkQuietTimes } from '../../baseline/quiet-times-check.ts';
import { giveFeedback } from '../../lifecycle/feedback.ts';
import { rejudge } from '../../lifecycle/rejudge.ts';
import type { HttpDeps } from '../deps.ts';
import { showLimits } from '../limits.ts';
import { noSuchProject, orThrow, pathId, visibleProject } from '../outcome.ts';
import { showQuietTimesCheck } from '../project-views.ts';
import type { ParsedRequest, Reply } from '../request.ts';
import type { aaCheckQuery, feedbackBody, rejudgeBody } from '../schemas.ts';
import { showFeedback, showVerdict } from '../views.ts';

type WithBody<Schema extends z.ZodType> = ParsedRequest<z.output<Schema>, undefined>;

export async function postRejudge(deps: HttpDeps, request: WithBody<typeof rejudgeBody>): Promise<Reply> {
  const deploymentId = pathId(request.params, 'deployment');
  const { judgement, limits } = orThrow(
    await rejudge(deps.lifecycle, {
      deploymentId,
      projectId: visibleProject(request.caller, null),
      limits: request.body.limits,
    }),
  );
  const body = {
    deployment_id: deploymentId,
    ...showVerdict(judgement, request.caller),
    ...showLimits(limits),
  };
  return { status: 200, body, deploymentId };
}

export async function postFeedback(deps: HttpDeps, request: WithBody<typeof feedbackBody>): Promise<Reply> {
  const deploymentId = pathId(request.params, 'deployment');
  const { verdict, feedback, before } = orThrow(
    await giveFeedback(deps.lifecycle, {
      deploymentId,
      projectId: visibleProject(request.caller, null),
      correct: request.body.correct,
      note: request.body.note,
    }),
  );
  const body = { deployment_id: deploymentId, verdict, ...showFeedback(feedback) };
  return { status: 200, body, deploymentId, before: before ?? {} };
}

/** How often the project's set-up would have cried wolf. Another project's key is told that there is none. */
export async function readAaCheck(
  deps: HttpDeps,
  request: ParsedRequest<undefined, z.output<typeof aaCheckQuery>>,
): Promise<Reply> {
  const projectId = pathId(request.params, 'project');
  if (visibleProject(request.caller, projectId) !== projectId) throw noSuchProject();
  const { days, env, limits } = request.query;
  const checked = orThrow(await checkQuietTimes(deps.lifecycle, { projectId, env, days, limits }));
  return { status: 200, body: { days, ...showQuietTimesCheck(checked), ...showLimits(checked.limits) } };
}
