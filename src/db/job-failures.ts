import type { Queryable } from './connection/pool.ts';
import type { Shards } from './shards/shards.ts';

export interface JobFailure {
  readonly jobId: string;
  readonly jobType: string;
  readonly deploymentId: string;
  readonly sequence: number | null;
  readonly reason: string;
  /** null: not known. */
  readonly tries: number | null;
  readonly failedAt: Date;
}

export function createJobFailures(connection: Queryable, shards: Shards) {
  /** On the coordinator nothing can hold a deployment that lies on a shard: it is looked for ahead. */
  async function foundOnShard(deploymentId: string): Promise<string | null> {
    const { rows } = await connection.query<{ id: string }>(
      'select id from seqpulse.deployments where id = $1 and project_id = $2',
      [deploymentId, await shards.projectOf(deploymentId)],
    );
    return rows[0]?.id ?? null;
  }
  const held = shards.distributed ? '$3' : '(select id from seqpulse.deployments where id = $3 for key share)';

  return {
    /** False when this job's failure is recorded already. A deployment deleted meanwhile is stored as null. */
    async record(failure: JobFailure): Promise<boolean> {
      const { rowCount } = await connection.query(
        `insert into seqpulse.job_failures (job_id, job_type, deployment_id, sequence, reason, tries, failed_at)
         values ($1, $2, ${held}, $4, $5, $6, $7) on conflict (job_id) do nothing`,
        [
          failure.jobId,
          failure.jobType,
          shards.distributed ? await foundOnShard(failure.deploymentId) : failure.deploymentId,
          failure.sequence,
          failure.reason,
          failure.tries,
          failure.failedAt,
        ],
      );
      return rowCount === 1;
    },

    /** Those of one kind, in the order of their schedule. */
    async listOf(deploymentId: string, jobType: string): Promise<Pick<JobFailure, 'sequence' | 'reason' | 'tries'>[]> {
      const { rows } = await connection.query<{ sequence: number | null; reason: string; tries: number | null }>(
        `select sequence, reason, tries from seqpulse.job_failures
         where deployment_id = $1 and job_type = $2 order by sequence, failed_at`,
        [deploymentId, jobType],
      );
      return rows;
    },

    async prune(before: Date): Promise<number> {
      const { rowCount } = await connection.query(`delete from seqpulse.job_failures where failed_at < $1`, [before]);
      return rowCount ?? 0;
    },
  };
}
