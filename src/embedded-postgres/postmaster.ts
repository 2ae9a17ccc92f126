import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../model/start-error.ts';
import { commandLine, processIsAlive } from './process-state.ts';

/** A server as its lock file names it. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
}

/** `stale`: its process is gone, or the id now belongs to another program. */
export type PostmasterState =
  | { readonly state: 'none' }
  | { readonly state: 'stale'; readonly lockText: string }
  | ({ readonly state: 'alive' } & Postmaster);

/**
 * A name that the server carries in its command line. Process ids are used again, in containers after every restart,
 * and another SeqPulse's server may have the one that our lock file names.
 */
export function clusterName(clusterFolder: string): string {
  return `seqpulse-${createHash('sha256').update(clusterFolder).digest('hex').slice(0, 12)}`;
}

export async function inspectPostmaster(clusterFolder: string): Promise<PostmasterState> {
  const lockText = readLockFile(clusterFolder);
  if (lockText === null) return { state: 'none' };
  const lines = lockText.split('\n');
  // Line 1: process id, negative for a server without connections. Line 4: port.
  const pid = Math.abs(Number.parseInt(lines[0] ?? '', 10));
  const port = Number.parseInt(lines[3] ?? '', 10);
  const isOurs = Number.isInteger(pid) && (await processIsAlive(pid)) && (await servesCluster(pid, clusterFolder));
  return isOurs ? { state: 'alive', pid, port: Number.isInteger(port) ? port : 0 } : { state: 'stale', lockText };
}

/**
 * PostgreSQL would keep believing a lock file whose process id a zombie or another program of the same user has.
 * Looks and removes without a pause between: another start may just have written the lock file of a live server.
 */
export function removeStaleLockFile(clusterFolder: string, lockText: string): void {
  if (readLockFile(clusterFolder) === lockText) rmSync(lockFile(clusterFolder), { force: true });
}

async function servesCluster(pid: number, clusterFolder: string): Promise<boolean> {
  const command = await commandLine(pid);
  const name = /cluster_name=(seqpulse-[0-9a-f]+)/.exec(command)?.[1];
  if (name !== undefined) return name === clusterName(clusterFolder);
  // A server without our name was started by hand on this folder: never start a second one beside it.
  return /(^|\/)postgres( |$)/.test(command);
}

function readLockFile(clusterFolder: string): string | null {
  try {
    return readFileSync(lockFile(clusterFolder), 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

function lockFile(clusterFolder: string): string {
  return join(clusterFolder, 'postmaster.pid');
}
