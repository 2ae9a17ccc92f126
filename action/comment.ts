import type { Outcome } from '../cli/gate/outcome.ts';
import { outcomeMarkdown } from '../cli/out/render.ts';
import type { Environment } from '../cli/settings.ts';
import type { Inputs } from './inputs.ts';
import { findPullRequest, githubApi, keepComment } from './pull-request.ts';

/**
 * Keeps the pull request's one comment about this project and environment up to date. What it says in the log; null:
 * nothing. It never fails a job: a missing permission is said.
 */
export async function commentOutcome(
  outcome: Outcome,
  inputs: Pick<Inputs, 'comment' | 'githubToken'>,
  env: Environment,
  nowMs: number,
): Promise<string | null> {
  const { deployment } = outcome;
  const api = githubApi(env, inputs.githubToken);
  if (inputs.comment === 'false' || deployment === null || api === null) return null;
  try {
    const pullRequest = await findPullRequest(api, env);
    if (pullRequest === null) return null;
    const did = await keepComment(api, pullRequest, {
      mark: `<!-- seqpulse ${unmarked(deployment.project)}/${unmarked(deployment.env)} -->`,
      body: outcomeMarkdown(outcome, nowMs),
      mayAdd: inputs.comment === 'true' || outcome.exitCode !== 0,
    });
    return did === 'none' ? null : `the comment on pull request #${pullRequest} is ${did}`;
  } catch (error) {
    return `no comment: ${error instanceof Error ? error.message : error}`;
  }
}

/** Nothing that could end the hidden mark. */
const unmarked = (name: string): string => encodeURIComponent(name).replaceAll('-', '%2D');
