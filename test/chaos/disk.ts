import { execFile } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A small disk of its own for the database, which can be filled. Goes with the mount namespace that it is made in. */
export interface SmallDisk {
  readonly folder: string;
  /** Takes what is free. */
  fill(): void;
  /** Gives it back. */
  free(): void;
}

const CHUNK = Buffer.alloc(256 * 1024);

export async function mountSmallDisk(parent: string, megabytes: number): Promise<SmallDisk> {
  const folder = join(parent, 'disk');
  mkdirSync(folder, { mode: 0o755 });
  await promisify(execFile)('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0755`, 'tmpfs', folder]);
  const ballast = join(folder, 'ballast');
  return {
    folder,
    fill() {
      const file = openSync(ballast, 'a');
      try {
        for (;;) writeSync(file, CHUNK);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(ballast, { force: true }),
  };
}
