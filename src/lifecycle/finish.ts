import { Rollback } from '../db/database.ts';
import { type FinishContext, type PipelineOutcome, resultOf } from '../model/deployment.ts';
import { collectJobIds } from '../model/job.ts';
import type { Refusal } from '../model/refusal.ts';
import type { DeploymentFacts } from '../verdict/types.ts';
import { abandonOne } from './abandon.ts';
import type { LifecycleDeps } from './deps.ts';
import { enqueueObservation } from './observe.ts';
import { compareEndpoint } from './trigger.ts';

export interface FinishInput {
  readonly projectId: string;
  readonly deploymentId: string;
  readonly outcome: PipelineOutcome;
  /** What CI says the deployment changed about the traffic of what is read. */
  readonly facts: DeploymentFacts;
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
  if (context === null) return NOT_FOUND;
  deps.joinDeployment(input.deploymentId, context.traceParent);
  if (context.state === 'running' && context.finishDeadlineAt.getTime() <= deps.now()) {
    await abandonOne(deps, input.deploymentId);
    return ignored({ state: 'abandoned', supersededBy: null });
  }
  if (context.state !== 'running') return await comeLate(deps, input, context);
  const mismatch = compareEndpoint(input.metricsEndpoint, context.metricsEndpoint);
  if (mismatch !== null) return mismatch;

  const windowEndsAt = await startObservation(deps, input, context);
  if (windowEndsAt === null) {
    const now = await deps.db.deployments.findFinishContext(input.deploymentId, input.projectId);
    return now === null ? NOT_FOUND : await comeLate(deps, input, now);
  }
  deps.log.info(
    { event: 'deployment_finished', deployment_id: input.deploymentId, result: resultOf(input.outcome) },
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
      outcome: input.outcome,
      facts: input.facts,
      finishedAt: new Date(finishedAtMs),
      windowEndsAt: new Date(windowEndsAtMs),
      postExpected,
    });
    if (finished === null) throw new Rollback(null);
    // What was not read before the deployment ended would no longer be a reading from before.
    await deps.jobs.cancel(tx.connection, 'pre_collect', collectJobIds(id, 'pre_collect', context.preExpected));
    const collecting = finished.collectionEnded === null;
    await enqueueObservation(deps, tx, {
      id,
      projectId,
      postExpected,
      startMs: finishedAtMs,
      windowEndsAtMs,
      triggeredIn,
      // An application that refused the signature is read no more: the verdict need not wait for the window.
      collecting,
    });
    return new Date(collecting ? windowEndsAtMs : finishedAtMs);
  });
}

const NOT_FOUND: Finished = { status: 'not_found', message: 'This project has no such deployment.' };

/**
 * A second finish changes no times. That the pipeline failed after all is kept while the deployment is observed: its
 * summary says so.
 */
async function comeLate(deps: LifecycleDeps, input: FinishInput, context: FinishContext): Promise<Finished> {
  const { deploymentId, outcome } = input;
  if (context.startedBy === 'detected' && (await deps.db.deployments.keepResult(deploymentId, outcome))) {
    return {
      status: 'accepted',
      message: 'The result is kept. The deployment was found before its pipeline told of it.',
    };
  }
  const kept =
    context.state === 'finished' &&
    resultOf(outcome) === 'failed' &&
    (await deps.db.deployments.keepLaterFailure(deploymentId, outcome));
  if (!kept) return ignored(context);
  deps.log.info(
    { event: 'pipeline_failed_late', deployment_id: deploymentId, outcome },
    'the pipeline failed after the deployment had finished: kept',
  );
  return ignored(context, ` That its pipeline says ${JSON.stringify(outcome)} now is kept.`);
}

function ignored(context: Pick<FinishContext, 'state' | 'supersededBy'>, more = ''): Finished {
  const by =
    context.state === 'abandoned' && context.supersededBy !== null
      ? `, because a newer run took its place (deployment ${context.supersededBy})`
      : '';
  return { status: 'ignored', message: `The deployment is not running any more: it is ${context.state}${by}.${more}` };
}
