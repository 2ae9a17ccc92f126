import type { Clock, Db, JobWithMetadata, PgBoss } from 'pg-boss';
import type { Logger } from 'pino';
import { gather } from '../batching/gather.ts';
import type { Queryable } from '../db/connection/pool.ts';
import type { JobType } from '../model/job.ts';
import { asBossDb } from './pg-boss-queue.ts';
import type { WorkerSizing } from './queues.ts';

/** How a job's function ended: `done`, `again` (a fault of ours: pg-boss tries later), or `settled` by itself. */
export type JobEnd = 'done' | 'again' | 'settled';

/** Both give up sooner than pg-boss' own connections, which do maintenance as well. */
export interface JobConnections {
  /** For taking jobs: what is taken with no answer coming back must be free again, not wait for its lease to lapse. */
  readonly fetches: Queryable;
  /** For heartbeats and ends: locks rows in one order (row-order.ts), and runs what loses a deadlock all the same again. */
  readonly settles: Queryable;
}

export interface FetchLoop {
  /** Resolves when no job runs and every end is written. */
  idle(): Promise<void>;
  /** No new jobs from now on; those that run go on. */
  stopFetching(): void;
  /** After `idle`: ends the timers. */
  close(): void;
}

const POLL_MS = 500;
/**
 * After a fetch that found something more may be due: with many jobs of one project waiting, a fetch stops at that
 * project's limit, long before its batch is full. Not at once, for a fetch is the dearest statement there is: so each
 * takes what has become due, and what its predecessor's jobs have made room for.
 */
const SOON_MS = 100;
/** Nobody waits for a job's end, and one that is lost meanwhile runs again. */
const GATHER_MS = 25;
/** A third of the queue's heartbeat: two may be missed before a worker counts as dead. */
const HEARTBEAT_MS = 3_000;

/**
 * Takes due jobs and runs each by itself, up to `slots` at a time.
 *
 * Why not pg-boss' `work()`: there a worker takes a batch and waits for its slowest job, so that targets which hang
 * hold up those that do not, unless there are a hundred workers with small batches; and a hundred workers ask the
 * database 200 times a second on an idle night. This loop asks twice a second, soon again after it found something,
 * or as soon as there is room while more is due, and writes ends together. Fetching, leases, fences, retries and dead
 * letters stay pg-boss'.
 */
export function startFetchLoop(input: {
  readonly boss: PgBoss;
  readonly connections: JobConnections;
  /** Whether to take no jobs for now. */
  readonly paused: () => boolean;
  readonly type: JobType;
  readonly sizing: WorkerSizing;
  readonly clock: Clock;
  readonly log: Logger;
  /** Must not reject. */
  readonly run: (job: JobWithMetadata<unknown>) => Promise<JobEnd>;
}): FetchLoop {
  const { boss, type, sizing, clock, log } = input;
  const fetches = asBossDb(input.connections.fetches);
  const db = asBossDb(input.connections.settles);
  const running = new Map<string, { id: string; retryCount: number }>();
  const tasks = new Set<Promise<void>>();
  const ends = createEndWriter(boss, db, type, log);
  let fetching = false;
  let stopped = false;
  /** The last fetch took all that it might: more is probably due. */
  let moreIsDue = false;
  let soon: ReturnType<Clock['setTimeout']> | null = null;
  /** An outage is told when it begins and when it ends, not at every poll. */
  let failing = false;
  let beatFailing = false;
  let beatMissed = false;

  /** Never rejects: what goes wrong with one job, or one fetch, is told and ends nothing else. */
  const track = (task: Promise<void>) => {
    const told = task.catch((error: unknown) =>
      log.error({ event: 'job_loop_error', job_type: type, err: error }, 'a job or a fetch ended in an error of ours'),
    );
    tasks.add(told);
    void told.finally(() => tasks.delete(told));
  };

  async function fetch(): Promise<void> {
    const room = sizing.slots - running.size;
    if (fetching || stopped || room <= 0 || input.paused()) return;
    fetching = true;
    const batchSize = Math.min(room, sizing.batchSize);
    try {
      const jobs = await boss.fetch<unknown>(type, {
        batchSize,
        groupConcurrency: sizing.perProject,
        includeMetadata: true,
        db: fetches,
      });
      if (failing) log.info({ event: 'fetch_recovered', job_type: type }, 'due jobs are fetched again');
      failing = false;
      moreIsDue = jobs.length === batchSize;
      if (jobs.length > 0 && !moreIsDue) fetchSoon();
      for (const job of jobs) track(runOne(job));
    } catch (error) {
      moreIsDue = false;
      if (!failing) log.warn({ event: 'fetch_failed', job_type: type, err: error }, 'due jobs can not be fetched');
      failing = true;
    } finally {
      fetching = false;
    }
    if (moreIsDue) track(fetch());
  }

  function fetchSoon(): void {
    if (stopped) return;
    soon ??= clock.setTimeout(() => {
      soon = null;
      track(fetch());
    }, SOON_MS);
  }

  async function runOne(job: JobWithMetadata<unknown>): Promise<void> {
    const attempt = { id: job.id, retryCount: job.retryCount };
    let ended: Promise<undefined> | null = null;
    running.set(job.id, attempt);
    try {
      const end = await input.run(job);
      if (end !== 'settled') ended = ends[end](attempt);
    } finally {
      running.delete(job.id);
    }
    if (moreIsDue) track(fetch());
    await ended;
  }

  /** A beat that could not be written is written at the next poll: three missed ones cost every running job its lease. */
  async function touch(): Promise<void> {
    beatMissed = false;
    if (running.size === 0) return;
    try {
      await boss.touch(type, [...running.values()], { db });
      if (beatFailing) log.info({ event: 'heartbeat_recovered', job_type: type }, 'heartbeats are written again');
      beatFailing = false;
    } catch (error) {
      beatMissed = true;
      if (!beatFailing)
        log.warn({ event: 'heartbeat_failed', job_type: type, err: error }, 'no heartbeat of running jobs');
      beatFailing = true;
    }
  }

  const poll = clock.setInterval(() => {
    track(fetch());
    void ends.writeOwed();
    if (beatMissed) track(touch());
  }, POLL_MS);
  const heartbeat = clock.setInterval(() => track(touch()), HEARTBEAT_MS);

  return {
    async idle() {
      while (tasks.size > 0) await Promise.allSettled([...tasks]);
    },
    stopFetching() {
      stopped = true;
      clock.clearInterval(poll);
      if (soon !== null) clock.clearTimeout(soon);
    },
    close() {
      stopped = true;
      clock.clearInterval(poll);
      clock.clearInterval(heartbeat);
    },
  };
}

type Attempt = { readonly id: string; readonly retryCount: number };

/** Milliseconds for which an end that could not be written is tried again: after that its lease has lapsed. */
const OWED_FOR_MS = 15_000;

interface EndWriter {
  done(attempt: Attempt): Promise<undefined>;
  again(attempt: Attempt): Promise<undefined>;
  /** Tries what could not be written before, so that jobs need not wait for their leases to lapse. Never rejects. */
  writeOwed(): Promise<void>;
}

/** Writes the ends of jobs that came within GATHER_MS with one statement: it costs as much to plan as to run. */
function createEndWriter(boss: PgBoss, db: Db, type: JobType, log: Logger): EndWriter {
  let owed: { readonly write: () => Promise<unknown>; readonly untilMs: number }[] = [];
  const gatherEnds = (write: (attempts: Attempt[]) => Promise<unknown>) =>
    gather<Attempt, undefined>({
      waitMs: GATHER_MS,
      mayBeOnes: () => false,
      async together(attempts) {
        const writeThese = async () => await write([...attempts]);
        try {
          await writeThese();
        } catch (error) {
          // Should it not be written in time, they run again: harmless, for what they store has a key.
          log.warn({ event: 'job_end_late', job_type: type, err: error }, 'the end of jobs could not be written yet');
          owed.push({ write: writeThese, untilMs: performance.now() + OWED_FOR_MS });
        }
        return attempts.map(() => undefined);
      },
    });
  return {
    done: gatherEnds(async (attempts) => await boss.complete(type, attempts, null, { db })),
    again: gatherEnds(async (attempts) => await boss.fail(type, attempts, { message: 'internal error' }, { db })),
    async writeOwed() {
      const tried = owed;
      owed = [];
      for (const one of tried) {
        try {
          await one.write();
        } catch {
          if (performance.now() < one.untilMs) owed.push(one);
        }
      }
    },
  };
}
