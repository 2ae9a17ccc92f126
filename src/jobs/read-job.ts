import type { JobWithMetadata } from 'pg-boss';
import type { Claim, JobData, JobType } from '../model/job.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export interface ReadJob {
  readonly claim: Claim;
  /** Epoch milliseconds at which it became due. */
  readonly startAfterMs: number;
}

/**
 * A job as its row says, whoever wrote the row. What is missing and follows from the rest is filled in; null when not
 * even the deployment, or which of its readings, can be told.
 *
 * @param id of the job itself: of a dead letter, the one it stands for.
 */
export function readJob(
  type: JobType,
  id: string,
  job: Pick<JobWithMetadata<unknown>, 'data' | 'retryCount' | 'startAfter'>,
  nowMs: number,
): ReadJob | null {
  const stored = (typeof job.data === 'object' && job.data !== null ? job.data : {}) as Record<string, unknown>;
  // An analysis has its deployment's id, and there is one.
  const deploymentId = type === 'analysis' ? id : stored.deploymentId;
  const sequence = type === 'analysis' ? 0 : stored.sequence;
  if (typeof deploymentId !== 'string' || !UUID.test(deploymentId) || !isCount(sequence)) return null;
  const startAfterMs = epochMs(job.startAfter) ?? nowMs;
  const data: JobData = {
    deploymentId,
    sequence,
    dueAtMs: epochMs(stored.dueAtMs) ?? startAfterMs,
    attempt: isCount(stored.attempt) ? stored.attempt : 0,
    ...(isCarrier(stored.trace) ? { trace: stored.trace } : {}),
    ...(typeof stored.triggeredIn === 'string' || stored.triggeredIn === null
      ? { triggeredIn: stored.triggeredIn }
      : {}),
  };
  return { claim: { type, id, retryCount: job.retryCount, data }, startAfterMs };
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}

/** null for what no clock shows: a missing time, `infinity`, a year that JavaScript does not know. */
function epochMs(value: unknown): number | null {
  const ms = value instanceof Date ? value.getTime() : value;
  return typeof ms === 'number' && Number.isFinite(new Date(ms).getTime()) ? ms : null;
}

function isCarrier(value: unknown): value is Record<string, string> {
  return (
    typeof value === 'object' && value !== null && Object.values(value).every((header) => typeof header === 'string')
  );
}
