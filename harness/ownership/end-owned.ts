import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type OwnedProcess, ownedProcesses, withHomes } from './owned-processes.ts';

interface Step {
  readonly appliesTo: (one: OwnedProcess) => boolean;
  readonly signal: NodeJS.Signals;
  readonly graceMs: number;
}

/**
 * What they leave is thrown away, so nobody needs the time for an orderly stop. The server is asked all the same
 * (SIGQUIT: at once, without a checkpoint): killed, it would leave its shared memory to the system for good.
 */
const STEPS: readonly Step[] = [
  { appliesTo: (one) => !one.ofDatabase, signal: 'SIGTERM', graceMs: 3_000 },
  { appliesTo: (one) => !one.ofDatabase, signal: 'SIGKILL', graceMs: 2_000 },
  { appliesTo: (one) => one.isPostmaster, signal: 'SIGQUIT', graceMs: 5_000 },
  { appliesTo: () => true, signal: 'SIGKILL', graceMs: 5_000 },
];
const POLL_MS = 20;

/** Ends every process that belongs to `folders`, and removes the folders. Resolves when all are gone, or after 15 s. */
export async function endOwned(folders: readonly string[], except: ReadonlySet<number> = new Set()): Promise<void> {
  for (const { appliesTo, signal, graceMs } of STEPS) {
    const deadlineMs = performance.now() + graceMs;
    const asked = new Set<number>();
    for (;;) {
      // Looked at again each time: one that is ending may start another.
      const left = ownedProcesses(folders, except).filter(appliesTo);
      if (left.length === 0 || performance.now() > deadlineMs) break;
      for (const { pid } of left.filter((one) => !asked.has(one.pid))) {
        asked.add(pid);
        send(pid, signal);
      }
      await sleep(POLL_MS);
    }
  }
  removeFolders(folders);
}

/** The same without waiting: for somebody who does not want to wait. */
export function killOwned(folders: readonly string[], except: ReadonlySet<number> = new Set()): void {
  for (const one of ownedProcesses(folders, except)) {
    if (!one.ofDatabase) send(one.pid, 'SIGKILL');
    else if (one.isPostmaster) send(one.pid, 'SIGQUIT');
  }
  removeFolders(folders);
}

function removeFolders(folders: readonly string[]): void {
  for (const folder of withHomes(folders)) {
    try {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
    } catch {
      // A file that appears while its folder goes, of a server that is ending: whoever looks next takes it.
    }
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
