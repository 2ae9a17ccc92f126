import { type Span, SpanStatusCode } from '@opentelemetry/api';
import type { JobWithMetadata } from 'pg-boss';
import { analyze } from '../lifecycle/analyze.ts';
import type { LifecycleDeps } from '../lifecycle/deps.ts';
import { giveUp } from '../lifecycle/give-up.ts';
import { postCollect } from '../lifecycle/post-collect.ts';
import { preCollect } from '../lifecycle/pre-collect.ts';
import type { Claim, JobOutcome, JobType } from '../model/job.ts';
import { inJobSpan, markFailed } from '../tracing/trace-through-jobs.ts';
import type { JobEnd } from './fetch-loop.ts';
import { type ReadJob, readJob } from './read-job.ts';

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
  job: JobWithMetadata<unknown>,
  shutdown: AbortSignal,
): Promise<JobEnd> {
  try {
    const read = readJob(type, job.id, job, deps.now());
    if (read === null) {
      deps.log.error(
        { event: 'job_unreadable', job_type: type, job_id: job.id },
        'a job that nobody can read was ended',
      );
      return 'done';
    }
    const { claim, startAfterMs } = read;
    deps.telemetry.jobStarted({ jobType: type, startDelaySeconds: Math.max(0, (deps.now() - startAfterMs) / 1000) });
    return await inJobSpan(type, claim, async (span) => {
      try {
        return await settle(deps, read, shutdown, span);
      } catch (cause) {
        markFailed(span, cause);
        return failedInside(deps, type, job.id, claim.data.deploymentId, cause);
      }
    });
  } catch (cause) {
    return failedInside(deps, type, job.id, null, cause);
  }
}

function failedInside(
  deps: LifecycleDeps,
  type: JobType,
  jobId: string,
  deploymentId: string | null,
  cause: unknown,
): JobEnd {
  deps.log.error(
    { event: 'job_error', deployment_id: deploymentId, job_id: jobId, job_type: type, err: cause },
    'job failed inside SeqPulse, it will be tried again',
  );
  return 'again';
}

async function settle(
  deps: LifecycleDeps,
  { claim, startAfterMs }: ReadJob,
  shutdown: AbortSignal,
  span: Span,
): Promise<JobEnd> {
  try {
    const outcome = await STEPS[claim.type](deps, claim, shutdown);
    if (outcome.status !== 'deadletter') return outcome.status;
    // Its reason is one clause of ours, safe to show.
    span.setAttribute('error.type', outcome.failure.kind);
    span.setStatus({ code: SpanStatusCode.ERROR, message: outcome.failure.reason });
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
    await deps.jobs.postpone(deps.db.connection, claim, startAfterMs, claim.data.attempt);
    deps.log.info(
      { event: 'job_given_back', deployment_id: claim.data.deploymentId, job_type: claim.type },
      'job given back: the service stops',
    );
    return 'settled';
  }
}
