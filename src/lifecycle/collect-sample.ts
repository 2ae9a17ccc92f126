import type { CollectContext } from '../model/deployment.ts';
import type { Claim, JobOutcome } from '../model/job.ts';
import type { NewSample, Phase } from '../model/sample.ts';
import type { SourceReading } from '../sources/source.ts';
import type { LifecycleDeps } from './deps.ts';

const DONE: JobOutcome = { status: 'done' };

export interface CollectStep {
  readonly phase: Phase;
  /** Whether a sample of this phase is still of use to the deployment. */
  readonly wanted: (context: CollectContext) => boolean;
  /** Stores the sample if it is still wanted by then, never twice; what follows from it follows here. */
  readonly store: (sample: NewSample) => Promise<'stored' | 'dropped'>;
}

/**
 * Reads the application once and stores what it said. Storing and ending the job are two transactions on purpose:
 * the sample's primary key makes a second try harmless, and jobs can then be ended a batch at a time.
 */
export async function collectSample(
  deps: LifecycleDeps,
  step: CollectStep,
  claim: Claim,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const { deploymentId } = claim.data;
  const context = await deps.collects.findContext(deploymentId);
  if (context === null || context.collectionEnded !== null || !step.wanted(context)) return DONE;

  const reading = await deps.sources.readNow(context.source, { signal });
  if (reading.outcome === 'ok') {
    await store(deps, step, claim, reading.metrics);
    return DONE;
  }
  return await retryOrGiveUp(deps, step.phase, claim, reading);
}

async function store(
  deps: LifecycleDeps,
  step: CollectStep,
  claim: Claim,
  metrics: Extract<SourceReading, { outcome: 'ok' }>['metrics'],
): Promise<void> {
  const { deploymentId, sequence, dueAtMs } = claim.data;
  const outcome = await step.store({
    deploymentId,
    phase: step.phase,
    sequence,
    dueAt: new Date(dueAtMs),
    collectedAt: new Date(deps.now()),
    metrics,
  });
  const fields = { deployment_id: deploymentId, phase: step.phase, sequence };
  if (outcome === 'dropped') {
    deps.log.info({ event: 'sample_dropped', ...fields }, 'sample dropped: nothing waits for it any more');
    return;
  }
  deps.telemetry.sampleCollected(step.phase);
  deps.log.debug({ event: 'sample_collected', ...fields }, 'sample collected');
}

async function retryOrGiveUp(
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
  const dueAtMs = deps.now() + delaySeconds * 1000;
  // One transaction: between its two statements the job would be due after pg-boss' own delay, its try not counted.
  await deps.db.transaction(
    async (tx) => await deps.jobs.postpone(tx.connection, claim, dueAtMs, claim.data.attempt + 1),
  );
  deps.log.info({ event: 'collect_retry', ...fields, delay_seconds: delaySeconds }, 'collect failed, will try again');
  return { status: 'settled' };
}
