import type { Awaited } from '../../model/awaited.ts';
import type { Queryable } from './pool.ts';

export const ENDS_CHANNEL = 'seqpulse_deployment_end';

/** Takes what has come about in a transaction, to be told once that has committed. */
export type TellEnd = (awaited: Awaited) => void;

/**
 * Tells everybody who listens, on whichever replica, of what has been committed; those that come meanwhile by one
 * statement. Not by a trigger, nor in the transaction itself: PostgreSQL lets one transaction that notifies commit at a
 * time, its flush to the disk included, so that each verdict would wait for the one before.
 *
 * Never rejects: what could not be told, because the database or this process is gone, is found by whoever waits for it
 * when it asks the tables (service/deployment-ends.ts).
 */
export function createEndsTeller(connection: Queryable): (ends: readonly Awaited[]) => void {
  let waiting: Awaited[] = [];
  let telling = false;

  async function tellWaiting(): Promise<void> {
    telling = true;
    while (waiting.length > 0) {
      const payloads = waiting;
      waiting = [];
      await connection
        .query('select pg_catalog.pg_notify($1, payload) from unnest($2::text[]) payload', [ENDS_CHANNEL, payloads])
        .catch(() => {});
    }
    telling = false;
  }

  return (ends) => {
    if (ends.length === 0) return;
    waiting.push(...ends);
    if (!telling) void tellWaiting();
  };
}
