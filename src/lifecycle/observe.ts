import type { Tables } from '../db/database.ts';
import type { EndedDeployment } from '../model/deployment.ts';
import { analysisJobId, collectJobIds, collectJobs } from '../model/job.ts';
import type { LifecycleDeps } from './deps.ts';

/** One post collect an interval from `startMs` on, and the analysis at the window's end: enqueued in the caller's transaction. */
export async function enqueueObservation(
  deps: Pick<LifecycleDeps, 'jobs' | 'settings'>,
  tx: Tables,
  deployment: {
    readonly id: string;
    readonly projectId: string;
    readonly postExpected: number;
    readonly startMs: number;
    readonly windowEndsAtMs: number;
    readonly triggeredIn: string | null;
    /** False: nothing is read any more, and the verdict need not wait. */
    readonly collecting: boolean;
  },
): Promise<void> {
  const { id, projectId, postExpected, startMs, windowEndsAtMs, triggeredIn, collecting } = deployment;
  if (collecting) {
    await deps.jobs.enqueue(
      tx.prepared,
      'post_collect',
      collectJobs({
        deploymentId: id,
        projectId,
        type: 'post_collect',
        count: postExpected,
        startMs,
        intervalSeconds: deps.settings.postIntervalSeconds,
        triggeredIn,
      }),
    );
  }
  const analysisDueMs = collecting ? windowEndsAtMs : startMs;
  const data = { deploymentId: id, sequence: 0, dueAtMs: analysisDueMs, attempt: 0, triggeredIn };
  await deps.jobs.enqueue(tx.prepared, 'analysis', [{ id: analysisJobId(id), projectId, data }]);
}

/**
 * Nobody reads on for these, and their verdict need not wait. Sent at once: the projects' rows are held meanwhile, and one
 * after the other was a round trip for each.
 */
export async function endObservation(
  deps: Pick<LifecycleDeps, 'jobs' | 'now'>,
  tx: Tables,
  superseded: readonly EndedDeployment[],
): Promise<void> {
  const outstanding = superseded.flatMap(({ id, postExpected }) => collectJobIds(id, 'post_collect', postExpected));
  await Promise.all([
    deps.jobs.cancel(tx.connection, 'post_collect', outstanding),
    ...superseded.map(
      async ({ id }) => await deps.jobs.reschedule(tx.connection, 'analysis', analysisJobId(id), deps.now()),
    ),
  ]);
}
