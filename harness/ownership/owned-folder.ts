import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endOwned, killOwned } from './end-owned.ts';
import { type Leftovers, leftoversOf } from './leftovers.ts';

/** A temporary folder, and every process that was started while it was this process' TMPDIR. */
export interface OwnedFolder {
  readonly path: string;
  /** Another folder that goes at the end, with the processes that work in it. */
  alsoOwn(folder: string): void;
  /** What is there now. */
  left(): Leftovers;
  /** Ends all its processes and removes the folders. */
  end(except?: ReadonlySet<number>): Promise<void>;
  /** The same at once, without waiting for the last of them. */
  kill(): void;
}

const REAPER = fileURLToPath(new URL('./reaper.ts', import.meta.url));

/**
 * Makes the folder, sets TMPDIR to it, for this process and for what it starts from now on, and starts the process
 * that ends all of it should this one end in any other way than by `end`.
 */
export function openOwnedFolder(name: string): OwnedFolder {
  const outer = process.env.TMPDIR;
  const path = mkdtempSync(join(tmpdir(), `seqpulse-${name}-`));
  // The embedded database's own user must get through.
  chmodSync(path, 0o711);
  const reaper = spawn(process.execPath, [REAPER, path], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: process.env.PATH ?? '', ...(outer === undefined ? {} : { TMPDIR: outer }) },
  });
  reaper.unref();
  // A reaper that is gone must not take us with it.
  reaper.stdin.on('error', () => {});
  (reaper.stdin as unknown as { unref(): void }).unref();
  process.env.TMPDIR = path;

  const folders = [path];
  return {
    path,
    alsoOwn(folder) {
      folders.push(folder);
      reaper.stdin.write(`${folder}\n`);
    },
    left: () => leftoversOf(folders),
    end: async (except) => {
      await endOwned(folders, except);
      reaper.stdin.end();
    },
    kill: () => killOwned(folders),
  };
}
