import type { CollectContext } from '../model/deployment.ts';
import type { Claim, JobOutcome } from '../model/job.ts';
import type { NewSample, Phase } from '../model/sample.ts';
import { holdsPast, type PastSource, SETTLE_SECONDS } from '../model/source.ts';
import type { ReadingCame } from '../sources/source.ts';
import type { LifecycleDeps } from './deps.ts';
import { retryOrGiveUp } from './retry-collect.ts';

/** Seconds. A restart of this service is no outage, also where readings lie closer together than that. */
const MIN_TOLERANCE_SECONDS = 30;

const MINUTE_MS = 60_000;

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

  const { source } = context;
  if (holdsPast(source)) return await collectMinute(deps, step, claim, { ...context, source }, signal);
  const missed = ifMissed(deps, step.phase, claim, context);
  if (missed !== null) return missed;
  const reading = await deps.sources.readMinute(source, deps.now(), { signal });
  if (reading.outcome !== 'ok') return await retryOrGiveUp(deps, step.phase, claim, reading);
  await store(deps, step, claim, reading, deps.now());
  return DONE;
}

/**
 * A source that holds the past is asked for the minute that the collect is for, however late: a try that came late, and
 * one that failed, lose nothing. Not before scrapes have come in.
 */
async function collectMinute(
  deps: LifecycleDeps,
  step: CollectStep,
  claim: Claim,
  { source, startedAt, version }: CollectContext & { readonly source: PastSource },
  signal: AbortSignal,
): Promise<JobOutcome> {
  const endMs = minuteEndMs(deps, step.phase, claim);
  const readableAtMs = endMs + SETTLE_SECONDS * 1000;
  if (deps.now() < readableAtMs) return await putOff(deps, claim, readableAtMs);
  const isLastTry = claim.data.attempt >= deps.settings.retryDelaysSeconds.length;
  const rollout = {
    startedAtMs: startedAt.getTime(),
    version,
    lastTryAtMs: isLastTry ? deps.now() - SETTLE_SECONDS * 1000 : null,
  };
  const reading = await deps.sources.readMinute(
    source,
    endMs,
    step.phase === 'post' ? { signal, rollout } : { signal },
  );
  if (reading.outcome !== 'ok') {
    const { comesUntilMs = 0 } = reading;
    if (deps.now() < comesUntilMs) return await putOff(deps, claim, comesUntilMs);
    return await retryOrGiveUp(deps, step.phase, claim, reading);
  }
  await store(deps, step, claim, reading, endMs);
  return DONE;
}

/** Too early, which is no try. */
async function putOff(deps: LifecycleDeps, claim: Claim, untilMs: number): Promise<JobOutcome> {
  await deps.db.transaction(async (tx) => await deps.jobs.postpone(tx.connection, claim, untilMs, claim.data.attempt));
  return { status: 'settled' };
}

/**
 * After: the minute that ended when the collect was due. Before: one after the other back from the trigger, for those
 * that are due 5 s apart would all be of one minute, and end when the deployment is under way.
 */
function minuteEndMs(deps: LifecycleDeps, phase: Phase, { data: { dueAtMs, sequence } }: Claim): number {
  if (phase === 'post') return dueAtMs;
  const triggeredAtMs = dueAtMs - Math.round(sequence * deps.settings.preIntervalSeconds * 1000);
  return triggeredAtMs - SETTLE_SECONDS * 1000 - sequence * MINUTE_MS;
}

async function store(
  deps: LifecycleDeps,
  step: CollectStep,
  claim: Claim,
  { reading, leftOut }: ReadingCame,
  collectedAtMs: number,
): Promise<void> {
  const { deploymentId, sequence, dueAtMs } = claim.data;
  const outcome = await step.store({
    deploymentId,
    phase: step.phase,
    sequence,
    dueAt: new Date(dueAtMs),
    collectedAt: new Date(collectedAtMs),
    reading,
  });
  const fields = { deployment_id: deploymentId, phase: step.phase, sequence };
  if (outcome === 'dropped') {
    deps.log.info({ event: 'sample_dropped', ...fields }, 'sample dropped: nothing waits for it any more');
    return;
  }
  deps.telemetry.sampleCollected(step.phase);
  if (leftOut.length === 0) deps.log.debug({ event: 'sample_collected', ...fields }, 'sample collected');
  else
    deps.log.info(
      { event: 'sample_incomplete', ...fields, left_out: leftOut },
      'sample collected, without some of its numbers',
    );
}

/**
 * Gives up a collect whose first try comes later than its interval: it would read the application of now, not of the
 * minute that it was for, and an outage of ours would look like a window that somebody observed. Of the readings from
 * before, the last is taken late all the same: one is enough for a baseline, and its age is told.
 */
function ifMissed(deps: LifecycleDeps, phase: Phase, claim: Claim, { preExpected }: CollectContext): JobOutcome | null {
  const { deploymentId, sequence, attempt, dueAtMs } = claim.data;
  const { preIntervalSeconds, postIntervalSeconds } = deps.settings;
  // Tried before: it failed, or its worker died over it. Such tries come late by nature.
  const isFirstTry = attempt === 0 && claim.retryCount === 0;
  if (!isFirstTry || (phase === 'pre' && sequence >= preExpected - 1)) return null;
  const intervalSeconds = phase === 'pre' ? preIntervalSeconds : postIntervalSeconds;
  const lateSeconds = (deps.now() - dueAtMs) / 1000;
  if (lateSeconds <= Math.max(intervalSeconds, MIN_TOLERANCE_SECONDS)) return null;
  const reason = `its first try came ${Math.round(lateSeconds)} s late: the moment it was for is gone`;
  deps.log.warn(
    { event: 'collect_missed', deployment_id: deploymentId, phase, sequence, late_seconds: lateSeconds },
    reason,
  );
  return { status: 'deadletter', failure: { kind: 'missed', reason } };
}
