import type { Queryable } from '../db/connection/pool.ts';
import { analysisJobId, type Claim, type JobOutcome } from '../model/job.ts';
import { FIRST_LOOK } from '../verdict/early.ts';
import { collectSample } from './collect-sample.ts';
import type { LifecycleDeps } from './deps.ts';
import { lookEarly } from './early-look.ts';

/** One reading of the application in its observation window. */
export async function postCollect(deps: LifecycleDeps, claim: Claim, signal: AbortSignal): Promise<JobOutcome> {
  return await collectSample(
    deps,
    {
      phase: 'post',
      wanted: (context) => context.state === 'finished',
      async store(sample) {
        const { outcome, allSettled, settled, windowEndsAt } = await deps.collects.storePost(sample);
        // Asked also when it was stored before: whoever stored it may have died right after.
        if (allSettled) await freeAnalysis(deps, deps.db.connection, sample.deploymentId, windowEndsAt);
        else if (settled !== null && settled >= FIRST_LOOK) await lookEarly(deps, sample.deploymentId);
        return outcome;
      },
    },
    claim,
    signal,
  );
}

/**
 * The last post collect has settled: an analysis that already waits past the window's end need wait no longer.
 * Before the end it is due by itself.
 */
export async function freeAnalysis(
  deps: Pick<LifecycleDeps, 'jobs' | 'now'>,
  connection: Queryable,
  deploymentId: string,
  windowEndsAt: Date | null,
): Promise<void> {
  const nowMs = deps.now();
  if (windowEndsAt === null || nowMs < windowEndsAt.getTime()) return;
  await deps.jobs.reschedule(connection, 'analysis', analysisJobId(deploymentId), nowMs);
}
