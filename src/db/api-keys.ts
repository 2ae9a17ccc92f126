import type { Queryable } from './connection/pool.ts';

export function createApiKeys(connection: Queryable) {
  return {
    async insert(keySha256: Buffer, projectId: string, createdAt: Date): Promise<void> {
      await connection.query(`insert into seqpulse.api_keys (key_sha256, project_id, created_at) values ($1, $2, $3)`, [
        keySha256,
        projectId,
        createdAt,
      ]);
    },

    /** Every key that is still good ends at `expiresAt` at the latest. */
    async expireAllOf(projectId: string, expiresAt: Date): Promise<void> {
      await connection.query(
        `update seqpulse.api_keys set expires_at = $2
         where project_id = $1 and (expires_at is null or expires_at > $2)`,
        [projectId, expiresAt],
      );
    },

    /** The projects whose keys these are, by the key's hash in hex; those of unknown and expired keys are left out. */
    async findProjects(keySha256s: readonly Buffer[], now: Date): Promise<ReadonlyMap<string, string>> {
      const { rows } = await connection.query<{ key_sha256: Buffer; project_id: string }>(
        `select key_sha256, project_id from seqpulse.api_keys
         where key_sha256 = any($1::bytea[]) and (expires_at is null or expires_at > $2)`,
        [keySha256s, now],
      );
      return new Map(rows.map((row) => [row.key_sha256.toString('hex'), row.project_id]));
    },

    async removeExpired(before: Date): Promise<number> {
      const { rowCount } = await connection.query(`delete from seqpulse.api_keys where expires_at < $1`, [before]);
      return rowCount ?? 0;
    },
  };
}
