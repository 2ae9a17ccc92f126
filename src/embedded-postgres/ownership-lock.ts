import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { connect } from './connection.ts';
import { processIsAlive } from './process-state.ts';

/**
 * Who owns a data folder: a session advisory lock on a connection that does nothing else. An idle session ends within
 * milliseconds of its process, so a kill -9 frees the folder; a lock file would stay, and its process id be used again.
 * It is taken in the database `postgres`, where nobody else takes any.
 */
const LOCK = [0x5e9, 0x15e] as const;
const NAME_PREFIX = 'seqpulse owner, process ';
/** A session that the system has not yet noticed to be dead. Idle ones take 20 ms; this is for a machine on its knees. */
const DEAD_HOLDER_TIMEOUT_MS = 10_000;
const POLL_MS = 25;

export type LockAttempt =
  | { readonly held: true; readonly client: pg.Client }
  /** `holderPid` is null when it could not be told. */
  | { readonly held: false; readonly holderPid: number | null };

/** Rejects when the server can't be reached. `onEnd`: the connection, and with it the lock, is gone. */
export async function tryOwnershipLock(url: string, onEnd: () => void): Promise<LockAttempt> {
  const client = await connect(url, `${NAME_PREFIX}${process.pid}`, () => {});
  try {
    const deadlineMs = performance.now() + DEAD_HOLDER_TIMEOUT_MS;
    for (;;) {
      const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1, $2) as held', [...LOCK]);
      if (rows[0]?.held === true) {
        client.once('end', onEnd);
        return { held: true, client };
      }
      const holderPid = await findHolder(client);
      const isDying = holderPid === undefined || (holderPid !== null && !(await processIsAlive(holderPid)));
      if (!isDying || performance.now() > deadlineMs) {
        await client.end();
        return { held: false, holderPid: holderPid ?? null };
      }
      await sleep(POLL_MS);
    }
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}

/** undefined: nobody holds it any more; null: somebody whose name says nothing. */
async function findHolder(client: pg.Client): Promise<number | null | undefined> {
  const { rows } = await client.query<{ application_name: string }>(
    `select a.application_name from pg_locks l join pg_stat_activity a using (pid)
      where l.locktype = 'advisory' and l.granted and l.classid = $1 and l.objid = $2 and l.objsubid = 2
        and l.database = (select oid from pg_database where datname = current_database())`,
    [...LOCK],
  );
  const name = rows[0]?.application_name;
  if (name === undefined) return undefined;
  const pid = name.startsWith(NAME_PREFIX) ? Number.parseInt(name.slice(NAME_PREFIX.length), 10) : Number.NaN;
  return Number.isInteger(pid) ? pid : null;
}
