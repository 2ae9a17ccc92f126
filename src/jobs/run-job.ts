import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { JobWithMetadata } from 'pg-boss';
import { analyze } from '../lifecycle/analyze.ts';
import type { LifecycleDeps } from '../lifecycle/deps.ts';
import { giveUp } from '../lifecycle/give-up.ts';
import type { Claim, JobData, JobOutcome, JobType } from '../lifecycle/job-queue.ts';
import { postCollect } from '../lifecycle/post-collect.ts';
import { preCollect } from '../lifecycle/pre-collect.ts';
import type { JobEnd } from './fetch-loop.ts';

type Step = (deps: LifecycleDeps, claim: Claim, signal: AbortSignal) => Promise<JobOutcome>;

/** Job type → lifecycle function: the only such map. */
const STEPS: Readonly<Record<JobType, Step>> = {
  pre_collect: preCollect,
  post_collect: postCollect,
  analysis: analyze,
};

/**
 * Runs one job inside its enqueuer's trace. Never rejects: a fault of our own is logged and left to pg-boss'
 * retries, a shutdown puts the job back with no try used up.
 */
export async function runJob(
  deps: LifecycleDeps,
  type: JobType,
  job: JobWithMetadata<JobData>,
  shutdown: AbortSignal,
): Promise<JobEnd> {
  const claim: Claim = { type, id: job.id, retryCount: job.retryCount, data: job.data };
  deps.telemetry.jobStarted({
    jobType: type,
    startDelaySeconds: Math.max(0, (deps.now() - job.startAfter.getTime()) / 1000),
  });
  const parent = propagation.extract(context.active(), job.data.trace ?? {});
  const span = trace.getTracer('seqpulse').startSpan(
    `process ${type}`,
    {
      kind: SpanKind.CONSUMER,
      attributes: {
        'messaging.system': 'pg_boss',
        'messaging.operation.type': 'process',
        'messaging.operation.name': 'process',
        'messaging.destination.name': type,
        'messaging.message.id': job.id,
        'seqpulse.deployment.id': job.data.deploymentId,
      },
    },
    parent,
  );
  try {
    return await context.with(trace.setSpan(parent, span), async () => await settle(deps, claim, job, shutdown));
  } catch (cause) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    deps.log.error(
      { event: 'job_error', deployment_id: job.data.deploymentId, job_type: type, err: cause },
      'job failed inside SeqPulse, it will be tried again',
    );
    return 'again';
  } finally {
    span.end();
  }
}

async function settle(
  deps: LifecycleDeps,
  claim: Claim,
  job: JobWithMetadata<JobData>,
  shutdown: AbortSignal,
): Promise<JobEnd> {
  try {
    const outcome = await STEPS[claim.type](deps, claim, shutdown);
    if (outcome.status !== 'deadletter') return outcome.status;
    await giveUp(deps, {
      jobId: claim.id,
      type: claim.type,
      data: claim.data,
      cause: outcome.failure,
      complete: async (tx) => await deps.jobs.complete(tx.connection, claim),
    });
    return 'settled';
  } catch (cause) {
    if (!shutdown.aborted) throw cause;
    await deps.jobs.postpone(deps.db.connection, claim, job.startAfter.getTime(), claim.data.attempt);
    deps.log.info(
      { event: 'job_given_back', deployment_id: claim.data.deploymentId, job_type: claim.type },
      'job given back: the service stops',
    );
    return 'settled';
  }
}
