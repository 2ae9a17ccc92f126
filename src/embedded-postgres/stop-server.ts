import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../model/start-error.ts';
import { clusterFolder } from './cluster.ts';
import { EmbeddedDatabaseError } from './errors.ts';
import { inspectPostmaster } from './postmaster.ts';
import type { Installation } from './start-server.ts';

/** The server's signals (PostgreSQL manual, "Shutting Down the Server"), each with the seconds it is given. */
const STEPS = [
  // Fast: ends all connections, writes everything down.
  { signal: 'SIGINT', timeoutSeconds: 20 },
  // Immediate: what was not written down is recovered at the next start.
  { signal: 'SIGQUIT', timeoutSeconds: 10 },
] as const;
const POLL_MS = 10;

/**
 * Stops the server of this cluster; none that runs is fine too. By its process id, not by `pg_ctl stop`: that waits for
 * the lock file to go, and would wait for, and then end, a server that the next service has started meanwhile.
 */
export async function stopPostmaster({ home, log }: Installation): Promise<void> {
  const folder = clusterFolder(home);
  const running = await inspectPostmaster(folder);
  if (running.state !== 'alive') return;
  const { pid } = running;
  for (const { signal, timeoutSeconds } of STEPS) {
    if (signal === 'SIGQUIT') log('embedded_database.stop_forced', { pid, folder });
    const deadlineMs = performance.now() + timeoutSeconds * 1000;
    sendSignal(pid, signal);
    while (performance.now() < deadlineMs) {
      const now = await inspectPostmaster(folder);
      if (now.state !== 'alive' || now.pid !== pid) return;
      await sleep(POLL_MS);
    }
  }
  throw new EmbeddedDatabaseError(
    `The embedded PostgreSQL in ${folder} (process ${pid}) does not stop: see server.log beside it, and end that process.`,
  );
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}
