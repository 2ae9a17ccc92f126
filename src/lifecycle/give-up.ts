import { tellCollectFailed } from '../baseline/tell-source.ts';
import { Rollback, type Tables } from '../db/database.ts';
import {
  analysisJobId,
  type CollectType,
  collectJobIds,
  type GiveUpCause,
  type JobData,
  type JobType,
} from '../model/job.ts';
import { unjudged } from '../verdict/judge.ts';
import { storeVerdict } from './analyze.ts';
import { announce, type GivenVerdict } from './announce.ts';
import type { LifecycleDeps } from './deps.ts';
import type { DeploymentJudgement } from './judgement-input.ts';
import { freeAnalysis } from './post-collect.ts';

/** A job that gave up for good: by its own word, or as the dead letter queue hands it over after its worker's death. */
export interface GivenUpJob {
  readonly jobId: string;
  readonly type: JobType;
  readonly data: JobData;
  readonly cause: GiveUpCause;
  /** Ends the job (or the dead letter) in the same transaction; false = another worker has it. */
  readonly complete: (tx: Tables) => Promise<boolean>;
}

/**
 * The one place where a job becomes "failed for good": recorded exactly once, counted after the commit. What
 * waited for the job goes on without it.
 */
export async function giveUp(deps: LifecycleDeps, job: GivenUpJob): Promise<void> {
  const { deploymentId, sequence } = job.data;
  const result = await deps.db.transaction(
    async (tx) => {
      const recorded = await tx.jobFailures.record({
        jobId: job.jobId,
        jobType: job.type,
        deploymentId,
        sequence,
        reason: job.cause.reason,
        tries: job.data.attempt + 1,
        failedAt: new Date(deps.now()),
      });
      if (recorded) await countFailedTry(deps, tx, job);
      const given = recorded ? await goOnWithout(deps, tx, job) : null;
      if (recorded) await tellOf(deps, tx, job);
      if (!(await job.complete(tx))) throw new Rollback({ recorded: false, given: null });
      return { recorded, given };
    },
    { durable: true },
  );
  if (!result.recorded) return;
  deps.telemetry.jobGaveUp();
  deps.log.error(
    { event: 'job_failed', deployment_id: deploymentId, job_type: job.type, sequence, reason: job.cause.reason },
    'job gave up for good',
  );
  if (result.given !== null) announce(deps, deploymentId, result.given);
}

/** The last try of a collect; the ones before it were counted when they were put back. */
async function countFailedTry(deps: LifecycleDeps, tx: Tables, { type, data, cause }: GivenUpJob): Promise<void> {
  if (type === 'analysis' || (cause.kind !== 'target' && cause.kind !== 'hmac_refused')) return;
  const phase = type === 'pre_collect' ? 'pre' : 'post';
  await tx.failedReads.count(data.deploymentId, { phase, error: cause.reason, at: new Date(deps.now()) });
}

/** What failed for good at the application's end is for people to know, before its verdict says so. */
async function tellOf(deps: LifecycleDeps, tx: Tables, { data, cause }: GivenUpJob): Promise<void> {
  if (cause.kind !== 'target' && cause.kind !== 'hmac_refused') return;
  const outage = { reason: cause.reason, since: new Date(data.dueAtMs) };
  await tellCollectFailed(tx, data.deploymentId, outage, new Date(deps.now()));
}

/** Returns the verdict when this step had to give one. */
async function goOnWithout(deps: LifecycleDeps, tx: Tables, job: GivenUpJob): Promise<GivenVerdict | null> {
  const { deploymentId } = job.data;
  if (job.type === 'analysis') return await giveVerdictWithoutAnalysis(deps, tx, deploymentId);
  if (job.cause.kind === 'hmac_refused') {
    const ended = await tx.deployments.endCollection(deploymentId, 'hmac_refused');
    if (ended === null) return null;
    // All but this job, which its own end is about to be written for.
    const others = (type: CollectType, count: number) =>
      collectJobIds(deploymentId, type, count).filter((id) => id !== job.jobId);
    await deps.jobs.cancel(tx.connection, 'pre_collect', others('pre_collect', ended.preExpected));
    if (ended.state === 'finished') {
      await deps.jobs.cancel(tx.connection, 'post_collect', others('post_collect', ended.postExpected));
      await deps.jobs.reschedule(tx.connection, 'analysis', analysisJobId(deploymentId), deps.now());
    }
    return null;
  }
  if (job.type === 'post_collect') {
    const progress = await tx.deployments.settlePostCollect(deploymentId, job.data.sequence);
    if (progress?.allSettled) await freeAnalysis(deps, tx.connection, deploymentId, progress.windowEndsAt);
  }
  return null;
}

/** An analysis that can't be completed must not leave its deployment waiting for ever. */
async function giveVerdictWithoutAnalysis(
  deps: LifecycleDeps,
  tx: Tables,
  deploymentId: string,
): Promise<GivenVerdict | null> {
  const context = await tx.deployments.lockForAnalysis(deploymentId);
  if (context === null || context.state !== 'finished') return null;
  const unknown = unjudged(
    'The analysis could not be completed: it failed repeatedly inside SeqPulse, so nothing is said about this deployment.',
    'the analysis failed',
  );
  const judgement: DeploymentJudgement = { ...unknown, hints: [], others: null };
  await storeVerdict(deps, tx, deploymentId, context, judgement);
  return { judgement, context };
}
