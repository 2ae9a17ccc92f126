import type { DeploymentState, EndedDeployment } from '../../model/deployment.ts';
import type { FoundDeployment, TakeOver } from '../../model/deployment-start.ts';
import type { Queryable } from '../connection/pool.ts';
import type { TellEnd } from '../connection/tell-ends.ts';
import { lockProject } from '../shards/project-lock.ts';
import type { Shards } from '../shards/shards.ts';
import { type EndedRow, endOf, isInState } from './rows.ts';

/** A deployment in a new one's way: as a JSON object, so that a statement can bring several, each from its own index. */
export const FOUND = `json_build_object('id', d.id, 'number', d.number, 'branch', d.branch, 'state', d.state,
  'idempotencyKey', d.idempotency_key, 'bySuperseding', d.by_superseding,
  'startedAtMs', extract(epoch from d.started_at) * 1000,
  'finishDeadlineAtMs', extract(epoch from d.finish_deadline_at) * 1000)`;

export interface FoundRow {
  id: string;
  number: number;
  branch: string | null;
  state: DeploymentState;
  idempotencyKey: string | null;
  bySuperseding: boolean;
  startedAtMs: number;
  finishDeadlineAtMs: number;
}

export function toFound({ startedAtMs, finishDeadlineAtMs, ...row }: FoundRow): FoundDeployment {
  return { ...row, startedAt: new Date(startedAtMs), finishDeadlineAt: new Date(finishDeadlineAtMs) };
}

/** How a deployment takes the place of one whose run is dead. */
export function createDeploymentTakeOver(connection: Queryable, shards: Shards, tellEnd: TellEnd) {
  return {
    /** Trigger → finish of the environment's last `limit` deployments that were finished, in seconds, newest first. */
    async pipelineSeconds(projectId: string, env: string, limit: number): Promise<number[]> {
      const { rows } = await connection.query<{ seconds: number }>(
        `select extract(epoch from finished_at - started_at)::float8 as seconds from seqpulse.deployments
         where project_id = $1 and env = $2 and finished_at is not null and origin = 'ci' order by started_at desc, id desc limit $3`,
        [projectId, env, limit],
      );
      return rows.map(({ seconds }) => seconds);
    },

    /**
     * Makes room for the deployment `byId`, which the caller stores in the same transaction: running → abandoned, and
     * the idempotency key is free. Locks the project's row first, as storing does: two that each held what the other
     * waits for would deadlock. What has ended meanwhile stays as it is. Returns what was abandoned.
     */
    async takeOver(
      byId: string,
      projectId: string,
      { abandonsId, keyFromId }: TakeOver,
      now: Date,
    ): Promise<EndedDeployment | null> {
      await lockProject(connection, shards, projectId);
      if (keyFromId !== null) {
        await connection.query(
          'update seqpulse.deployments set idempotency_key = null where id = $1 and project_id = $2',
          [keyFromId, projectId],
        );
      }
      if (abandonsId === null) return null;
      // Its deadline, where an abandoned deployment's time ends for the baseline, is now.
      const { rows } = await connection.query<EndedRow>(
        `update seqpulse.deployments
         set state = 'abandoned', superseded_by = $2, finish_deadline_at = least(finish_deadline_at, $3)
         where id = $1 and ${isInState('running')} and project_id = $4 returning id, pre_expected, post_expected`,
        [abandonsId, byId, now, projectId],
      );
      return endOf(rows[0], tellEnd);
    },
  };
}
