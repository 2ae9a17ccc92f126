import type { Queryable } from '../db/connection/pool.ts';
import type { Claim, JobType, NewJob, TraceCarrier } from '../model/job.ts';

/** What the story needs of a queue. Each call joins the transaction of the connection it is given. */
export interface JobQueue {
  /** What jobs of the work under way should carry as `trace`, for those that another's transaction will enqueue. */
  currentTrace(): TraceCarrier;
  /** `tx` may prepare the statement: it only inserts. */
  enqueue(tx: Queryable, type: JobType, jobs: readonly NewJob[]): Promise<void>;
  /** As if they had never been enqueued: for jobs of the same transaction. */
  remove(tx: Queryable, type: JobType, ids: readonly string[]): Promise<void>;
  /** Also cancels those that run now: their claim is lost. */
  cancel(tx: Queryable, type: JobType, ids: readonly string[]): Promise<void>;
  /** False: the claim was lost (cancelled, or taken over); the caller rolls back. */
  complete(tx: Queryable, claim: Claim): Promise<boolean>;
  /** Puts the claimed job back, due at `dueAtMs`, with `attempt` tries used up. False: the claim was lost. */
  postpone(tx: Queryable, claim: Claim, dueAtMs: number, attempt: number): Promise<boolean>;
  /** Moves a job that still waits; one that runs or is done stays as it is. */
  reschedule(tx: Queryable, type: JobType, id: string, dueAtMs: number): Promise<void>;
}
