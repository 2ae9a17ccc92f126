import type { Db, PgBoss } from 'pg-boss';
import type { Queryable } from '../db/connection/pool.ts';
import { STORED_SHAPES } from '../db/stored-shapes.ts';
import type { JobQueue } from '../lifecycle/job-queue.ts';
import { currentTrace } from '../tracing/trace-through-jobs.ts';
import { lockInRowOrder } from './row-order.ts';

/** pg-boss' database interface over a connection of ours: its statements join our transaction. */
export function asBossDb(connection: Queryable): Db {
  return {
    async executeSql(text: string, values?: unknown[]) {
      return await connection.query(text, values);
    },
  };
}

/** The typings promise an empty object; what comes is `{ affected }` (tried on 12.38). */
function affected(response: object): number {
  return (response as { affected?: number }).affected ?? 0;
}

/** The story's queue on pg-boss. Every job carries the trace context of whoever enqueued it. */
export function createPgBossQueue(boss: PgBoss): JobQueue {
  return {
    currentTrace,

    async enqueue(tx, type, jobs) {
      const trace = currentTrace();
      await boss.insert(
        type,
        jobs.map((job) => ({
          id: job.id,
          data: { shape: STORED_SHAPES.job, trace, ...job.data },
          startAfter: new Date(job.data.dueAtMs),
          group: { id: job.projectId },
        })),
        { db: asBossDb(tx) },
      );
    },

    async remove(tx, type, ids) {
      if (ids.length > 0) await boss.deleteJob(type, [...ids], { db: asBossDb(tx) });
    },

    async cancel(tx, type, ids) {
      if (ids.length === 0) return;
      // Together: the second need not wait for the first one's answer.
      await Promise.all([lockInRowOrder(tx, type, ids), boss.cancel(type, [...ids], { db: asBossDb(tx) })]);
    },

    async complete(tx, claim) {
      const response = await boss.complete(claim.type, attemptOf(claim), null, { db: asBossDb(tx) });
      return affected(response) === 1;
    },

    async postpone(tx, claim, dueAtMs, attempt) {
      // fail() is the only call that gives a claimed job back, and it is fenced; update() then sets when. pg-boss
      // knows one delay for all retries, or backoff with jitter; ours are 30, 120 and 300 s.
      const db = asBossDb(tx);
      const response = await boss.fail(claim.type, attemptOf(claim), null, { db });
      if (affected(response) !== 1) return false;
      await boss.update(claim.type, { ...claim.data, attempt }, { id: claim.id, startAfter: new Date(dueAtMs), db });
      return true;
    },

    async reschedule(tx, type, id, dueAtMs) {
      await boss.update(type, undefined, { id, startAfter: new Date(dueAtMs), db: asBossDb(tx) });
    },
  };
}

function attemptOf(claim: { readonly id: string; readonly retryCount: number }) {
  return { id: claim.id, retryCount: claim.retryCount };
}
