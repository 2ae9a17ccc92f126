import { Rollback } from '../db/database.ts';
import type { FinishContext, PipelineResult } from '../model/deployment.ts';
import { analysisJobId, collectJobIds, collectJobs } from '../model/job.ts';
import type { Refusal } from '../model/refusal.ts';
import { abandonOne } from './abandon.ts';
import type { LifecycleDeps } from './deps.ts';
import { compareEndpoint } from './trigger.ts';

export interface FinishInput {
  readonly projectId: string;
  readonly deploymentId: string;
  readonly result: PipelineResult;
  readonly metricsEndpoint: string | null;
}

export interface Finished {
  readonly status: 'accepted' | 'ignored' | 'not_found';
  readonly message: string;
}

/**
 * Ends a deployment and starts its observation: one post collect an interval and one analysis at the window's
 * end, in the transaction that makes it `finished`. Whoever comes second is `ignored`.
 */
export async function finish(deps: LifecycleDeps, input: FinishInput): Promise<Finished | Refusal> {
  const context = await deps.db.deployments.findFinishContext(input.deploymentId, input.projectId);
  if (context === null) return { status: 'not_found', message: 'This project has no such deployment.' };
  deps.joinDeployment(input.deploymentId, context.traceParent);
  if (context.state === 'running' && context.finishDeadlineAt.getTime() <= deps.now()) {
    await abandonOne(deps, input.deploymentId);
    return ignored('abandoned');
  }
  if (context.state !== 'running') return ignored(context.state);
  const mismatch = compareEndpoint(input.metricsEndpoint, context.metricsEndpoint);
  if (mismatch !== null) return mismatch;

  const windowEndsAt = await startObservation(deps, input, context);
  if (windowEndsAt === null) return ignored('finished');
  deps.log.info(
    { event: 'deployment_finished', deployment_id: input.deploymentId, result: input.result },
    'deployment finished, observation started',
  );
  return { status: 'accepted', message: `Observing until ${windowEndsAt.toISOString()}; the verdict follows.` };
}

/** Resolves with the window's end, or null when another finish was faster. */
async function startObservation(deps: LifecycleDeps, input: FinishInput, context: FinishContext): Promise<Date | null> {
  const { deploymentId: id, projectId } = input;
  const finishedAtMs = deps.now();
  const { postIntervalSeconds } = deps.settings;
  const triggeredIn = context.traceParent;
  // One collect an interval; the default interval is a minute, so a window of N minutes has N of them.
  const postExpected = context.observationWindowMinutes;
  const windowEndsAtMs = finishedAtMs + Math.round(postExpected * postIntervalSeconds * 1000);
  return await deps.db.transaction(async (tx) => {
    const finished = await tx.deployments.finish({
      id,
      result: input.result,
      finishedAt: new Date(finishedAtMs),
      windowEndsAt: new Date(windowEndsAtMs),
      postExpected,
    });
    if (finished === null) throw new Rollback(null);
    // What was not read before the deployment ended would no longer be a reading from before.
    await deps.jobs.cancel(tx.connection, 'pre_collect', collectJobIds(id, 'pre_collect', context.preExpected));
    const collecting = finished.collectionEnded === null;
    if (collecting) {
      await deps.jobs.enqueue(
        tx.prepared,
        'post_collect',
        collectJobs({
          deploymentId: id,
          projectId,
          type: 'post_collect',
          count: postExpected,
          startMs: finishedAtMs,
          intervalSeconds: postIntervalSeconds,
          triggeredIn,
        }),
      );
    }
    // An application that refused the signature is read no more: the verdict need not wait for the window.
    const analysisDueMs = collecting ? windowEndsAtMs : finishedAtMs;
    const data = { deploymentId: id, sequence: 0, dueAtMs: analysisDueMs, attempt: 0, triggeredIn };
    await deps.jobs.enqueue(tx.prepared, 'analysis', [{ id: analysisJobId(id), projectId, data }]);
    return new Date(collecting ? windowEndsAtMs : finishedAtMs);
  });
}

function ignored(state: string): Finished {
  return { status: 'ignored', message: `The deployment is not running any more: it is ${state}.` };
}
