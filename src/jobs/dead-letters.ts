import type { JobResult, JobWithMetadata, PgBoss } from 'pg-boss';
import type { LifecycleDeps } from '../lifecycle/deps.ts';
import { giveUp } from '../lifecycle/give-up.ts';
import { type GiveUpCause, JOB_TYPES } from '../model/job.ts';
import { inJobSpan } from '../tracing/trace-through-jobs.ts';
import { asBossDb } from './pg-boss-queue.ts';
import { DEAD_LETTER_QUEUE } from './queues.ts';
import { readJob } from './read-job.ts';

const WORKER_CAUSE: GiveUpCause = { kind: 'worker', reason: 'the job failed inside SeqPulse every time it was tried' };

/** Hands a dead letter to the story. Rejects on our own faults: pg-boss then tries again. */
export async function handleDeadLetter(
  deps: LifecycleDeps,
  boss: PgBoss,
  job: JobWithMetadata<unknown>,
): Promise<JobResult> {
  const type = JOB_TYPES.find((known) => known === job.sourceName);
  const { sourceId } = job;
  const read = type === undefined || sourceId === null ? null : readJob(type, sourceId, job, deps.now());
  if (type === undefined || sourceId === null || read === null) {
    deps.log.error(
      { event: 'job_unreadable', job_type: job.sourceName, job_id: sourceId },
      'a job that nobody can read gave up',
    );
    return { id: job.id, status: 'completed' };
  }
  const { data } = read.claim;
  await inJobSpan(DEAD_LETTER_QUEUE, { id: job.id, data }, async () => {
    await giveUp(deps, {
      jobId: sourceId,
      type,
      data,
      cause: causeOf(job.sourceOutput),
      complete: async (tx) => {
        const response = await boss.complete(DEAD_LETTER_QUEUE, { id: job.id, retryCount: job.retryCount }, null, {
          db: asBossDb(tx.connection),
        });
        return (response as { affected?: number }).affected === 1;
      },
    });
  });
  return { id: job.id, status: 'completed' };
}

const OWN_KINDS = ['target', 'hmac_refused', 'missed'] as const;

/** Our own outputs name their kind; anything else was written by pg-boss (heartbeat lost, expired, thrown). */
function causeOf(output: object | null): GiveUpCause {
  const { kind, reason } = (output ?? {}) as { kind?: unknown; reason?: unknown };
  const known = OWN_KINDS.find((own) => own === kind);
  return known !== undefined && typeof reason === 'string' ? { kind: known, reason } : WORKER_CAUSE;
}
