import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Queryable } from './pool.ts';
import { isReadTimeout } from './session-client.ts';

/** Runs in all. The victim of a conflict has left nothing behind, and the second run seldom meets its rival again. */
const TRIES = 3;
/**
 * Before the second run, and twice that before the third. What the victim held is free at once, and the rival that waits for
 * it takes it only when its process gets a core: a run that begins sooner takes it again, and is the victim again.
 */
const PAUSE_MS = 50;
/** deadlock_detected, serialization_failure */
const CONFLICTS = new Set(['40P01', '40001']);

/** Runs `work` again when PostgreSQL has undone it in favour of somebody else. */
export async function withRetries<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let run = 1; ; run += 1) {
    try {
      return await work();
    } catch (error) {
      if (run >= TRIES || !CONFLICTS.has(String((error as { code?: unknown } | null)?.code))) throw error;
      await sleep(run * PAUSE_MS);
    }
  }
}

/** For statements that are transactions by themselves: inside of one, the whole of it would have to run again. */
export function retried(connection: Queryable): Queryable {
  return {
    async query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]) {
      return await withRetries(async () => await connection.query<Row>(text, values));
    },
  };
}

/**
 * Statements behind a pooler that gives each transaction another session: each is a transaction that brings its
 * settings along, sent at once where the pool pipelines.
 *
 * @param ahead a statement of the same transaction that must come first, such as one that locks
 */
export function inOwnTransaction(pool: pg.Pool, begin: string, ahead?: pg.QueryConfig): Queryable {
  return {
    async query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]) {
      const client = await pool.connect();
      let broken: Error | undefined;
      try {
        const [begun, prepared, answer, committed] = await Promise.allSettled([
          client.query(begin),
          ahead === undefined ? null : client.query(ahead),
          client.query<Row>(text, values),
          // Of one that failed it is the rollback.
          client.query('commit'),
        ]);
        for (const step of [begun, prepared, answer, committed]) {
          if (step.status === 'fulfilled') continue;
          if (isReadTimeout(step.reason)) broken = step.reason;
          throw step.reason;
        }
        return (answer as PromiseFulfilledResult<pg.QueryResult<Row>>).value;
      } finally {
        client.release(broken);
      }
    },
  };
}

/**
 * Statements whose effect must not outlive a lost answer: each commits only once its answer has come. Without, one that
 * waits in front of a database that hangs is carried out when that goes on, for nobody.
 */
export function committedOnceAnswered(pool: pg.Pool): Queryable {
  return {
    async query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]) {
      const client = await pool.connect();
      let broken: Error | undefined;
      try {
        // Sent ahead where the pool pipelines.
        const [begun, answer] = await Promise.allSettled([client.query('begin'), client.query<Row>(text, values)]);
        if (begun.status === 'rejected') throw begun.reason;
        if (answer.status === 'rejected') throw answer.reason;
        await client.query('commit');
        return answer.value;
      } catch (error) {
        // Ending the connection is the rollback that can't itself wait in vain.
        broken = error instanceof Error ? error : new Error(String(error));
        throw error;
      } finally {
        client.release(broken);
      }
    },
  };
}
