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

    /** The project whose key this is, or null for an unknown or expired one. */
    async findProject(keySha256: Buffer, now: Date): Promise<string | null> {
      const { rows } = await connection.query<{ project_id: string }>(
        `select project_id from seqpulse.api_keys where key_sha256 = $1 and (expires_at is null or expires_at > $2)`,
        [keySha256, now],
      );
      return rows[0]?.project_id ?? null;
    },

    async removeExpired(before: Date): Promise<number> {
      const { rowCount } = await connection.query(`delete from seqpulse.api_keys where expires_at < $1`, [before]);
      return rowCount ?? 0;
    },
  };
}
