import type { Queue } from 'pg-boss';
import type { JobType } from '../model/job.ts';

export const DEAD_LETTER_QUEUE = 'dead_letter';
/** Sweeps over tables: not part of any deployment, so not part of "pending" either. */
export const ABANDON_SWEEP_QUEUE = 'abandon_sweep';
export const RETENTION_QUEUE = 'retention';

/**
 * Seconds without a sign of life after which a worker counts as dead: pg-boss' least. Take-over after kill -9
 * is this + both monitor intervals (see scheduler.ts) + retryDelay + one poll, about 20 s at the worst.
 */
const HEARTBEAT_SECONDS = 10;

/**
 * pg-boss' own retries are for workers that die and for our own faults (a full disk, a bug); the tries of a
 * collect are counted in its data. Generous, for a deployment must not pay for our bad minute; finite, so that
 * a job which kills its worker stops some time. The delay keeps a failing disk from being hammered.
 */
const WORKER_RETRIES = { retryLimit: 25, retryDelay: 5 } as const;

/** Finished jobs are kept for an hour: long enough to look at, short enough that the table stays small. */
const DELETE_FINISHED_AFTER_SECONDS = 3_600;

const LIFECYCLE_QUEUE: Omit<Queue, 'name'> = {
  ...WORKER_RETRIES,
  heartbeatSeconds: HEARTBEAT_SECONDS,
  expireInSeconds: 120,
  deleteAfterSeconds: DELETE_FINISHED_AFTER_SECONDS,
  deadLetter: DEAD_LETTER_QUEUE,
};

/** In the order in which they must be created: the dead letter queue before those that name it. */
export const QUEUES: ReadonlyArray<Queue> = [
  {
    name: DEAD_LETTER_QUEUE,
    ...WORKER_RETRIES,
    // Losing one would leave a deployment without a verdict: these never run out of tries in practice.
    retryLimit: 10_000,
    heartbeatSeconds: HEARTBEAT_SECONDS,
    expireInSeconds: 120,
    deleteAfterSeconds: DELETE_FINISHED_AFTER_SECONDS,
  },
  { name: 'pre_collect', ...LIFECYCLE_QUEUE },
  { name: 'post_collect', ...LIFECYCLE_QUEUE },
  { name: 'analysis', ...LIFECYCLE_QUEUE },
  { name: ABANDON_SWEEP_QUEUE, policy: 'short', retryLimit: 0, deleteAfterSeconds: DELETE_FINISHED_AFTER_SECONDS },
  {
    name: RETENTION_QUEUE,
    policy: 'short',
    retryLimit: 0,
    expireInSeconds: 1_800,
    deleteAfterSeconds: DELETE_FINISHED_AFTER_SECONDS,
  },
];

export interface WorkerSizing {
  /** Jobs of this type that run in this process at a time. */
  readonly slots: number;
  /** Jobs that one fetch takes at the most. */
  readonly batchSize: number;
  /** Jobs of one project that run at a time over all replicas (soft): the other slots stay free for others. */
  readonly perProject: number;
}

/**
 * Slots: with 1,000 running deployments 200 pre collects are due a second; 3 % of the targets hanging for 5 s hold 30
 * of the slots, the rest take some 20 ms each. Measured in bench/ (start delay with 1,000 deployments). 400 deployments of
 * which 120 hang at once need more than 120: with 100 slots one healthy reading in twenty came 5 s late (bench/names).
 */
export const DEFAULT_SIZING: Readonly<Record<JobType, WorkerSizing>> = {
  pre_collect: { slots: 300, batchSize: 50, perProject: 40 },
  post_collect: { slots: 300, batchSize: 50, perProject: 40 },
  analysis: { slots: 8, batchSize: 8, perProject: 4 },
};
