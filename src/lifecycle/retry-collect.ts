import type { Claim, JobOutcome } from '../model/job.ts';
import type { Phase } from '../model/sample.ts';
import type { SourceReading } from '../sources/source.ts';
import type { LifecycleDeps } from './deps.ts';

/** A reading that failed: the next try after its delay (settings), or the end when the tries are used up or in vain. */
export async function retryOrGiveUp(
  deps: LifecycleDeps,
  phase: Phase,
  claim: Claim,
  reading: Exclude<SourceReading, { outcome: 'ok' }>,
): Promise<JobOutcome> {
  const fields = {
    deployment_id: claim.data.deploymentId,
    phase,
    sequence: claim.data.sequence,
    attempt: claim.data.attempt + 1,
    outcome: reading.outcome,
    reason: reading.reason,
  };
  if (reading.refusesUs) {
    deps.log.warn({ event: 'hmac_refused', ...fields }, 'the application refused the signature: no retry');
    return {
      status: 'deadletter',
      failure: { kind: 'hmac_refused', reason: `the application refused the signature (${reading.status})` },
    };
  }
  const delaySeconds = deps.settings.retryDelaysSeconds[claim.data.attempt];
  if (delaySeconds === undefined) {
    deps.log.warn({ event: 'collect_failed', ...fields }, 'collect gave up: all tries are used up');
    return { status: 'deadletter', failure: { kind: 'target', reason: reading.reason } };
  }
  const nowMs = deps.now();
  const dueAtMs = nowMs + delaySeconds * 1000;
  // One transaction: between its two statements the job would be due after pg-boss' own delay, its try not counted.
  await deps.db.transaction(async (tx) => {
    await tx.failedReads.count(claim.data.deploymentId, { phase, error: reading.reason, at: new Date(nowMs) });
    await deps.jobs.postpone(tx.connection, claim, dueAtMs, claim.data.attempt + 1);
  });
  deps.log.info({ event: 'collect_retry', ...fields, delay_seconds: delaySeconds }, 'collect failed, will try again');
  return { status: 'settled' };
}
