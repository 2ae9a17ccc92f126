import { type EndedDeployment, type Origin, type PipelineOutcome, resultOf } from '../../model/deployment.ts';
import type { NewDetected } from '../../model/deployment-start.ts';
import type { AnnouncedDeployment } from '../../model/version-watch.ts';
import type { Queryable } from '../connection/pool.ts';
import { lockProject } from '../shards/project-lock.ts';
import { inProject, type Shards } from '../shards/shards.ts';
import { type EndedRow, toEnded } from './rows.ts';

/** Deployments that nobody announced: nothing → finished. */
export function createDetectedDeployments(connection: Queryable, shards: Shards) {
  const lastNumber = shards.distributed
    ? '(select coalesce(max(n.number), 0) from seqpulse.deployments n where n.project_id = $2)'
    : 'p.last_deployment_number';
  return {
    /** Those of CI in this environment that run, or ended at `since` or later; newest first. */
    async announcedSince(projectId: string, env: string, since: Date): Promise<AnnouncedDeployment[]> {
      const { rows } = await connection.query<{
        id: string;
        is_running: boolean;
        version: string | null;
        commit_sha: string | null;
      }>(
        `select d.id, d.state = 'running' as is_running, d.version, d.commit_sha from (
           select * from seqpulse.deployments where project_id = $1 and env = $2 order by started_at desc, id desc limit 20) d
         where d.origin = 'ci' and (d.state = 'running' or d.finished_at >= $3)
         order by d.started_at desc, d.id desc`,
        [projectId, env, since],
      );
      return rows.map((row) => ({
        id: row.id,
        isRunning: row.is_running,
        version: row.version,
        commitSha: row.commit_sha,
      }));
    },

    /** What all that gives numbers locks first. null: the project is gone. */
    lockProject: async (projectId: string) => await lockProject(connection, shards, projectId),

    /**
     * Stores it with its number, and ends the observation of what was observed in its environment. null: it is there
     * already. Needs the project's lock.
     */
    async insertDetected(
      found: NewDetected,
    ): Promise<{ readonly number: number; readonly superseded: readonly EndedDeployment[] } | null> {
      shards.remember(found.id, found.projectId);
      const { rows } = await connection.query<{ number: number }>(
        `with detection as (
           insert into seqpulse.detections (project_id, env, version, started_at, deployment_id)
           values ($2, $3, $4, $6, $1) on conflict do nothing returning deployment_id)
         insert into seqpulse.deployments (id, project_id, number, env, version, origin, state, metrics_endpoint, started_at,
           finish_deadline_at, finished_at, window_ends_at, pre_expected, post_expected, baseline_source, baseline_note,
           baseline_good_since)
         select $1, p.id, ${lastNumber} + 1, $3, $4, 'detected', 'finished', $5, $6, $7, $7, $8, 0, $9, $10, $11, $12
         from seqpulse.projects p where p.id = $2 and exists (select from detection)
         on conflict do nothing returning number`,
        [
          found.id,
          found.projectId,
          found.env,
          found.version,
          found.metricsEndpoint,
          found.startedAt,
          found.finishedAt,
          found.windowEndsAt,
          found.postExpected,
          found.baselineSource,
          found.baselineNote,
          found.baselineGoodSince,
        ],
      );
      const number = rows[0]?.number;
      if (number === undefined) return null;
      if (!shards.distributed) {
        await connection.query('update seqpulse.projects set last_deployment_number = $2 where id = $1', [
          found.projectId,
          number,
        ]);
      }
      const { rows: ended } = await connection.query<EndedRow>(
        `update seqpulse.deployments
         set superseded_by = $1, collection_ended = coalesce(collection_ended, 'superseded'), post_settled = post_expected
         where project_id = $2 and env = $3 and state = 'finished' and superseded_by is null and id <> $1
         returning id, pre_expected, post_expected`,
        [found.id, found.projectId, found.env],
      );
      return { number, superseded: ended.map(toEnded) };
    },

    /** A trigger came for it: what CI says is kept, and the key, so that the same trigger finds it again. */
    async claimDetected(id: string, idempotencyKey: string | null, origin: Origin): Promise<void> {
      await connection.query(
        `update seqpulse.deployments
         set idempotency_key = $2, branch = coalesce($3, branch), commit_sha = coalesce($4, commit_sha),
             commit_time = coalesce($5, commit_time), build_url = coalesce($6, build_url), actor = coalesce($7, actor),
             service = coalesce($8, service)
         where id = $1 and origin = 'detected' and idempotency_key is null and ${inProject(9)}`,
        [
          id,
          idempotencyKey,
          origin.branch,
          origin.commitSha,
          origin.commitTime,
          origin.buildUrl,
          origin.actor,
          origin.service,
          await shards.projectOf(id),
        ],
      );
    },

    /** How its pipeline ended, which came for it later. False: that is known already, or CI began it. */
    async keepResult(id: string, outcome: PipelineOutcome): Promise<boolean> {
      const { rowCount } = await connection.query(
        `update seqpulse.deployments set pipeline_result = $2, pipeline_outcome = $3
         where id = $1 and origin = 'detected' and pipeline_result is null and ${inProject(4)}`,
        [id, resultOf(outcome), outcome, await shards.projectOf(id)],
      );
      return rowCount === 1;
    },
  };
}
