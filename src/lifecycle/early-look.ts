import { evidenceOf } from '../baseline/evidence.ts';
import { judgeEarly } from '../verdict/early.ts';
import type { LifecycleDeps } from './deps.ts';
import { judgeInputOf } from './judgement-input.ts';
import { isElseExplained } from './look-at-others.ts';
import { addEarlyMessages } from './tell.ts';

const MINUTE_MS = 60_000;

/**
 * A look into a window that is not over, after a sample has come: errors or traffic may say that a rollback should not wait.
 * Looks a minute or more apart only, however close readings lie: the rule's chances to be wrong are counted in minutes. It
 * knows nothing of the service's own noise, which the verdict at the end does. Never throws: collecting goes on.
 */
export async function lookEarly(
  deps: Pick<LifecycleDeps, 'db' | 'now' | 'log' | 'settings'>,
  deploymentId: string,
): Promise<void> {
  if (!deps.settings.earlyRollback) return;
  try {
    await look(deps, deploymentId);
  } catch (error) {
    deps.log.warn({ event: 'early_look_failed', deployment_id: deploymentId, err: error }, 'no early look at it');
  }
}

async function look(deps: Pick<LifecycleDeps, 'db' | 'now' | 'log' | 'settings'>, deploymentId: string): Promise<void> {
  const found = await deps.db.preliminaries.findLook(deploymentId);
  if (found === null || found.context.finishedAt === null) return;
  const { context, samples } = found;
  const evidence = evidenceOf(samples, context);
  const finishedAtMs = found.context.finishedAt.getTime();
  const minutes = evidence.post.map(({ collectedAtMs }) => Math.round((collectedAtMs - finishedAtMs) / MINUTE_MS));
  const [minute = 0, earlier = -1] = minutes.toSorted((a, b) => b - a);
  if (minute === earlier) return;
  const input = judgeInputOf(context, evidence, context.limits, { badShare: null, noise: null });
  const early = judgeEarly(input);
  if (early === null) return;
  // That can wait for the end, which tells more of everybody.
  if (await isElseExplained(deps, deps.db, context, input)) {
    deps.log.info({ event: 'early_look_waits', deployment_id: deploymentId, minute }, 'others may be the cause');
    return;
  }
  const at = new Date(deps.now());
  // Durable: whoever has been told to roll back must find why.
  const stored = await deps.db.transaction(
    async (tx) => {
      const current = await tx.deployments.lockForAnalysis(deploymentId);
      if (current?.state !== 'finished' || current.collectionEnded !== null) return false;
      const { projectId, env } = context;
      const key = { id: deploymentId, projectId };
      if (!(await tx.preliminaries.insert(key, early, Math.max(1, minute), at))) return false;
      await addEarlyMessages(tx, { deploymentId, projectId, env, at });
      return true;
    },
    { durable: true },
  );
  if (stored) deps.log.info({ event: 'preliminary_verdict', deployment_id: deploymentId, minute }, early.summary);
}
