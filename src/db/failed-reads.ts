import type { FailedReads, FailedTry } from '../model/deployment.ts';
import type { Queryable } from './connection/pool.ts';
import { inProject, type Shards } from './shards/shards.ts';

export interface FailedReadsRow {
  failed_tries: number | null;
  last_phase: FailedReads['last']['phase'];
  last_error: string;
  last_error_at: Date;
}

/** null: none failed. */
export function toFailedReads(row: FailedReadsRow): FailedReads | null {
  if (row.failed_tries === null) return null;
  return { tries: row.failed_tries, last: { phase: row.last_phase, error: row.last_error, at: row.last_error_at } };
}

export function createFailedReads(connection: Queryable, shards: Shards) {
  return {
    /** One more; nothing where the deployment is gone. */
    async count(deploymentId: string, { phase, error, at }: FailedTry): Promise<void> {
      await connection.query(
        `insert into seqpulse.failed_reads as failed (deployment_id, project_id, tries, last_phase, last_error, last_error_at)
         select id, project_id, 1, $2, $3, $4 from seqpulse.deployments
         where id = $1 and ${inProject(5)} for key share
         on conflict on constraint failed_reads_pkey do update set tries = failed.tries + 1, last_phase = excluded.last_phase,
           last_error = excluded.last_error, last_error_at = excluded.last_error_at`,
        [deploymentId, phase, error, at, await shards.projectOf(deploymentId)],
      );
    },
  };
}
