import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { EmbeddedDatabaseError } from './errors.ts';
import type { EmbeddedLog } from './log.ts';
import { tryOwnershipLock } from './ownership-lock.ts';

/**
 * A hold on the data folder: `held` → `lost` (the connection broke) → `held` again, or `gone`.
 * PostgreSQL ends all connections, this one too, when one of its processes is killed (out of memory), and is back
 * within a second: the hold is then taken again.
 */
export interface Ownership {
  /**
   * Ends the hold. `lastAct` runs before that, and only if the folder is still ours: a server that somebody else has
   * started in it since is not ours to stop.
   */
  release(lastAct: () => Promise<void>): Promise<void>;
}

export interface OwnershipInput {
  readonly dataDir: string;
  /** Of the database `postgres`. */
  readonly url: string;
  readonly serverIsAlive: () => Promise<boolean>;
  readonly log: EmbeddedLog;
  /** The hold is gone for good. Called once at most. */
  readonly onLost: (error: EmbeddedDatabaseError) => void;
}

const REGAIN_TIMEOUT_MS = 30_000;
const POLL_MS = 100;

/** Throws an EmbeddedDatabaseError when another process has it; other errors when the server can't be reached. */
export async function takeOwnership(input: OwnershipInput): Promise<Ownership> {
  const { dataDir, url, serverIsAlive, log, onLost } = input;
  let client: pg.Client | null = null;
  let isReleased = false;
  let regaining: Promise<void> | null = null;

  await attempt();
  return {
    async release(lastAct) {
      // From here on a connection that breaks is what we want.
      isReleased = true;
      await regaining;
      if (client === null) await attempt().catch(() => {});
      if (client === null) return;
      await lastAct();
      await client?.end();
    },
  };

  async function attempt(): Promise<void> {
    const taken = await tryOwnershipLock(url, () => {
      client = null;
      if (!isReleased) regaining = regain();
    });
    if (!taken.held) throw usedBy(dataDir, taken.holderPid);
    client = taken.client;
  }

  async function regain(): Promise<void> {
    log('embedded_database.connection_lost', { dataDir });
    const deadlineMs = performance.now() + REGAIN_TIMEOUT_MS;
    let reason = new EmbeddedDatabaseError(
      `The embedded PostgreSQL of ${dataDir} has stopped: see server.log in its folder, and start the service again.`,
    );
    // The server gets a moment first: it is still shutting its processes down, or has itself just been killed.
    while (!isReleased && performance.now() < deadlineMs) {
      await sleep(POLL_MS);
      try {
        if (!(await serverIsAlive())) break;
        await attempt();
        log('embedded_database.connection_regained', { dataDir });
        return;
      } catch (error) {
        if (!(error instanceof EmbeddedDatabaseError)) continue;
        reason = error;
        break;
      }
    }
    if (!isReleased) {
      log('embedded_database.lost', { dataDir, reason: reason.message });
      onLost(reason);
    }
  }
}

function usedBy(dataDir: string, holderPid: number | null): EmbeddedDatabaseError {
  const holder = holderPid === null ? 'another process' : `process ${holderPid}`;
  const remedy = holderPid === process.pid ? 'close it first' : 'stop it';
  return new EmbeddedDatabaseError(
    `The data folder ${dataDir} is already used by ${holder}: ${remedy}, or set SEQPULSE_DATA_DIR to another folder.`,
  );
}
