import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { relocatedHomesOf } from '../../src/embedded-postgres/home.ts';
import { type OwnedProcess, ownedProcesses } from './owned-processes.ts';

export interface Leftovers {
  readonly processes: readonly OwnedProcess[];
  /** Names in the folders, and the databases elsewhere that belong to them. */
  readonly entries: readonly string[];
}

/** What was told to end may take a moment, on a busy machine a long one. */
const SETTLE_MS = 30_000;
const POLL_MS = 50;

/** What belongs to `folders` now. */
export function leftoversOf(folders: readonly string[]): Leftovers {
  return {
    processes: ownedProcesses(folders),
    entries: folders.flatMap((folder) => [...entriesOf(folder), ...relocatedHomesOf(folder)]),
  };
}

/** What is left when nothing more goes by itself; null: nothing. */
export async function settledLeftovers(look: () => Leftovers): Promise<Leftovers | null> {
  const deadlineMs = performance.now() + SETTLE_MS;
  for (;;) {
    const left = look();
    if (left.processes.length === 0 && left.entries.length === 0) return null;
    if (performance.now() > deadlineMs) return left;
    await sleep(POLL_MS);
  }
}

/** One line for all of it. */
export function leftoversText({ processes, entries }: Leftovers): string {
  const lines = processes.map(({ pid, command }) => `process ${pid}: ${command.slice(0, 200)}`);
  if (entries.length > 0) lines.push(`in the temporary folder: ${entries.join(', ')}`);
  return lines.join('; ');
}

/** None when the folder is gone. */
function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
