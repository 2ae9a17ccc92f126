import { giveFeedback } from '../../../lifecycle/feedback.ts';
import { audited } from '../../../operators/audit.ts';
import { readBefore } from '../../audit-before.ts';
import { actorOf } from '../../audit-trail.ts';
import type { HttpDeps } from '../../deps.ts';
import { orThrow, pathId } from '../../outcome.ts';
import { reportPath } from '../../pages/report-links.ts';
import { redirect } from '../../pages/serve-page.ts';
import { statusOfError } from '../../problems.ts';
import type { ParsedRequest, Reply } from '../../request.ts';
import { signInHref } from './sign-in.ts';

export interface FeedbackForm {
  readonly correct: boolean;
  readonly note: string | null;
}

/** Somebody says by button whether a verdict was right; then their report again. */
export async function postFeedbackForm(
  deps: HttpDeps,
  request: ParsedRequest<FeedbackForm, undefined>,
): Promise<Reply> {
  const deploymentId = pathId(request.params, 'deployment');
  if (!request.page?.operator) return redirect(signInHref(reportPath(deploymentId)));
  const { correct, note } = request.body;
  return await audited<Reply>(
    deps.operators,
    {
      actor: actorOf(request.caller),
      action: 'POST /deployments/{id}/feedback',
      subject: { id: deploymentId },
      body: { correct, note },
      before: await readBefore(deps, { method: 'POST', path: '/deployments/{id}/feedback' }, request),
    },
    async () => {
      const given = orThrow(await giveFeedback(deps.lifecycle, { deploymentId, projectId: null, correct, note }));
      const result = { ...redirect(`${reportPath(deploymentId)}#fb`), deploymentId };
      return { result, madeId: null, before: given.before ?? {} };
    },
    statusOfError,
  );
}
