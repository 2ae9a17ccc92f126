import type { Queryable } from '../db/connection/pool.ts';
import { inOwnTransaction } from '../db/connection/statements.ts';

/**
 * Locks rows of the job table by their ids. An update locks rows as its plan meets them (by another index, by the heap),
 * so that two statements over the same jobs may each hold what the other waits for; sorting the ids changes nothing.
 */
const LOCK_BY_ID = `select from pgboss.job where name = $1 and id = any($2::uuid[]) order by id for update`;

/**
 * pg-boss' looks for lost heartbeats and for jobs that took too long lock rows in no order, one look at a time, behind a
 * lock of their own: shared here, it keeps them apart from whoever locks several rows.
 */
const LOOKS = ['failJobsByTimeout', 'failJobsByHeartbeat'];
const BEGIN_APART_FROM_LOOKS = `begin; select ${LOOKS.map((look) => `pg_advisory_xact_lock_shared(${lookLock(look)})`).join(', ')}`;

/** As pg-boss computes it (tried on 12.38); `job_common` is the table of queues without a partition of their own. */
function lookLock(look: string): string {
  return `('x' || encode(sha224((current_database() || '.pgboss.pgbossjob_common${look}')::bytea), 'hex'))::bit(64)::bigint`;
}

/**
 * pg-boss' statements over given jobs (touch, complete, fail: queue and ids are their first parameters), each a
 * transaction of its own that first locks those jobs in one order. One job needs no order and no transaction.
 */
export function inRowOrder(pool: Parameters<typeof inOwnTransaction>[0]): Queryable {
  return {
    async query(text, values) {
      const [queue, ids] = values ?? [];
      if (!Array.isArray(ids) || ids.length < 2) return await pool.query(text, values);
      const lock = { text: LOCK_BY_ID, values: [queue, ids] };
      return await inOwnTransaction(pool, BEGIN_APART_FROM_LOOKS, lock).query(text, values);
    },
  };
}

/** Locks jobs in the same order within a transaction of the caller's. */
export async function lockInRowOrder(tx: Queryable, queue: string, ids: readonly string[]): Promise<void> {
  await tx.query(LOCK_BY_ID, [queue, ids]);
}
