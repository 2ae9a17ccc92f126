import { open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../model/start-error.ts';

/** Relative to the home: pg_ctl hands the name to a shell, and the home may be called anything. */
export const SERVER_LOG = 'server.log';

/** Two files of this size at most, plus what one run of the server writes: it keeps its file open and never rotates. */
const ROTATE_BYTES = 10 * 1024 * 1024;
/** A reason stands in the last lines; the rest of a long log is not worth the memory. */
const TAIL_BYTES = 64 * 1024;

/** Its size in bytes, from which on the lines of the next start will stand. A log that grew too long is put aside. */
export async function beginServerLog(home: string): Promise<number> {
  const path = join(home, SERVER_LOG);
  const size = await sizeOf(path);
  if (size < ROTATE_BYTES) return size;
  await rename(path, `${path}.1`);
  return 0;
}

/** What the server wrote after the first `fromBytes` bytes, the last 64 KiB of it. */
export async function readServerLog(home: string, fromBytes: number): Promise<string> {
  const path = join(home, SERVER_LOG);
  const size = await sizeOf(path);
  const start = Math.max(fromBytes, size - TAIL_BYTES);
  if (size <= start) return '';
  await using file = await open(path, 'r');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
  return buffer.subarray(0, bytesRead).toString();
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 0;
    throw error;
  }
}
