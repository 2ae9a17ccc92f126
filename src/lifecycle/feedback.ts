import type { Feedback } from '../model/deployment.ts';
import { type Refusal, refuse } from '../model/refusal.ts';
import type { VerdictName } from '../verdict/types.ts';
import type { LifecycleDeps } from './deps.ts';
import { refuseWithoutVerdict } from './rejudge.ts';

export interface FeedbackInput {
  readonly deploymentId: string;
  /** null: whichever project it belongs to (operators only). */
  readonly projectId: string | null;
  readonly correct: boolean;
  readonly note: string | null;
}

export interface FeedbackGiven {
  readonly verdict: VerdictName;
  readonly feedback: Feedback;
  /** What was said until now; null: nothing. */
  readonly before: Feedback | null;
}

/**
 * Somebody says whether a verdict was right. One word a deployment: a later one replaces it. Counted once for each
 * change of mind, after its commit. Refuses with NOT_FOUND or NO_VERDICT.
 */
export async function giveFeedback(
  deps: Pick<LifecycleDeps, 'db' | 'telemetry' | 'log' | 'now'>,
  input: FeedbackInput,
): Promise<FeedbackGiven | Refusal> {
  const { deploymentId, correct } = input;
  const deployment = await deps.db.deploymentReads.find(deploymentId, input.projectId);
  if (deployment === null) return refuse('NOT_FOUND', 'There is no such deployment.');
  if (deployment.verdict === null) return refuseWithoutVerdict(deployment.state);
  const { verdict } = deployment.verdict;
  const { changed, feedback, before } = await deps.db.transaction(
    async (tx) => {
      const given = { correct, note: input.note, givenAt: new Date(deps.now()) };
      const said = await tx.feedback.give(deployment, given);
      return { ...said, feedback: (await tx.feedback.find(deploymentId)) ?? given };
    },
    { durable: true },
  );
  if (changed) {
    deps.telemetry.feedbackGiven({ verdict, correct });
    deps.log.info({ event: 'feedback', deployment_id: deploymentId, verdict, correct }, 'feedback on a verdict');
  }
  return { verdict, feedback, before };
}
