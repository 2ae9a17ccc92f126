import type { Tables } from '../db/database.ts';
import { gather } from './gather.ts';

/**
 * The project whose API key has this hash, one statement for all that are asked for in the same turn; null for an unknown
 * or expired key.
 */
export function createFindKeyOwner(
  db: Pick<Tables, 'apiKeys'>,
  now: () => number,
): (keySha256: Buffer) => Promise<string | null> {
  return gather({
    waitMs: 0,
    mayBeOnes: () => false,
    async together(hashes: readonly Buffer[]) {
      const owners = await db.apiKeys.findProjects(hashes, new Date(now()));
      return hashes.map((hash) => owners.get(hash.toString('hex')) ?? null);
    },
  });
}
