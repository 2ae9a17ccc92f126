import {
  type CollectContext,
  type CollectionEnd,
  type CollectProgress,
  type DeploymentState,
  type EndedDeployment,
  type FinishContext,
  type PipelineOutcome,
  resultOf,
  type StartedBy,
} from '../../model/deployment.ts';
import type { DeploymentFacts } from '../../verdict/types.ts';
import type { Queryable } from '../connection/pool.ts';
import { inProject, type Shards } from '../shards/shards.ts';
import { type SourceRow, toSource } from '../source-rows.ts';
import { type EndedRow, isInState, toEnded } from './rows.ts';

/** A deployment's observation: running → finished, and its collects. */
export function createDeploymentObservation(connection: Queryable, unprepared: Queryable, shards: Shards) {
  return {
    async findFinishContext(id: string, projectId: string): Promise<FinishContext | null> {
      const { rows } = await connection.query<{
        state: DeploymentState;
        env: string;
        metrics_endpoint: string;
        finish_deadline_at: Date;
        observation_window_minutes: number;
        pre_expected: number;
        collection_ended: CollectionEnd | null;
        trace_parent: string | null;
        superseded_by: string | null;
        origin: StartedBy;
      }>(
        `select d.state, d.env, d.metrics_endpoint, d.finish_deadline_at, p.observation_window_minutes,
                d.pre_expected, d.collection_ended, d.trace_parent, d.superseded_by, d.origin
         from seqpulse.deployments d join seqpulse.projects p on p.id = d.project_id
         where d.id = $1 and d.project_id = $2`,
        [id, projectId],
      );
      const row = rows[0];
      return row === undefined
        ? null
        : {
            startedBy: row.origin,
            state: row.state,
            env: row.env,
            metricsEndpoint: row.metrics_endpoint,
            finishDeadlineAt: row.finish_deadline_at,
            observationWindowMinutes: row.observation_window_minutes,
            preExpected: row.pre_expected,
            collectionEnded: row.collection_ended,
            traceParent: row.trace_parent,
            supersededBy: row.superseded_by,
          };
    },

    /**
     * running → finished, once: null for whoever comes second. Otherwise why collecting has ended already
     * (then no post collect is to be expected), read under the row's lock.
     */
    async finish(input: {
      readonly id: string;
      readonly outcome: PipelineOutcome;
      readonly finishedAt: Date;
      readonly windowEndsAt: Date;
      readonly postExpected: number;
      readonly facts: DeploymentFacts;
    }): Promise<{ readonly collectionEnded: CollectionEnd | null } | null> {
      const { rows } = await connection.query<{ collection_ended: CollectionEnd | null }>(
        `update seqpulse.deployments
         set state = 'finished', pipeline_result = $2, finished_at = $3, window_ends_at = $4, post_expected = $5,
             post_settled = case when collection_ended is null then 0 else $5 end, pipeline_outcome = $6,
             instances_before = $7, instances_after = $8, traffic_share = $9
         where id = $1 and ${isInState('running')} and ${inProject(10)} returning collection_ended`,
        [
          input.id,
          resultOf(input.outcome),
          input.finishedAt,
          input.windowEndsAt,
          input.postExpected,
          input.outcome,
          input.facts.instances?.before ?? null,
          input.facts.instances?.after ?? null,
          input.facts.trafficShare ?? null,
          await shards.projectOf(input.id),
        ],
      );
      return rows[0] === undefined ? null : { collectionEnded: rows[0].collection_ended };
    },

    /**
     * While it is observed: the pipeline said `success` and says otherwise now. False when there was nothing to keep:
     * it had failed before, or its verdict is there.
     */
    async keepLaterFailure(id: string, outcome: PipelineOutcome): Promise<boolean> {
      const { rowCount } = await connection.query(
        `update seqpulse.deployments set pipeline_result = $2, pipeline_outcome = $3
         where id = $1 and ${isInState('finished')} and pipeline_result = 'success' and ${inProject(4)}`,
        [id, resultOf(outcome), outcome, await shards.projectOf(id)],
      );
      return rowCount === 1;
    },

    /** By id; none for a deployment that is gone. */
    async findCollectContexts(ids: readonly string[]): Promise<ReadonlyMap<string, CollectContext>> {
      const { rows } = await unprepared.query<
        SourceRow & {
          id: string;
          state: DeploymentState;
          started_at: Date;
          version: string | null;
          pre_expected: number;
          collection_ended: CollectionEnd | null;
        }
      >(
        `select d.id, d.project_id, d.state, d.env,
                case when s.identity is null then 'pull' when s.identity like 'otlp:%' then 'otlp' else 'prometheus' end
                  as source_kind,
                d.metrics_endpoint as url, p.hmac_secret_encrypted, s.settings, s.credentials_encrypted,
                d.started_at, d.version, d.pre_expected, d.collection_ended
         from seqpulse.deployments d join seqpulse.projects p on p.id = d.project_id
         left join seqpulse.source_settings s on s.project_id = d.project_id and s.identity = d.metrics_endpoint
         where d.id = any($1::uuid[]) and ($2::uuid[] is null or d.project_id = any($2))`,
        [ids, await shards.projectsOf(ids)],
      );
      return new Map(
        rows.flatMap((row) => {
          const source = toSource(row);
          const context = {
            state: row.state,
            startedAt: row.started_at,
            version: row.version,
            preExpected: row.pre_expected,
            collectionEnded: row.collection_ended,
          };
          return source === null ? [] : [[row.id, { ...context, source }] as const];
        }),
      );
    },

    /**
     * One more post collect was given up; null when nothing waits for it any more. Locks the row. One whose sample
     * is there has been counted when that was stored: its worker died before it could end the job, and perhaps before it
     * could say that all have settled.
     */
    async settlePostCollect(id: string, sequence: number): Promise<CollectProgress | null> {
      const { rows } = await connection.query<{
        post_settled: number;
        post_expected: number;
        window_ends_at: Date;
      }>(
        `update seqpulse.deployments d
         set post_settled = post_settled + case when exists (
           select from seqpulse.samples s
           where s.deployment_id = d.id and s.phase = 'post' and s.sequence = $2) then 0 else least(1, post_expected - post_settled) end
         where id = $1 and ${isInState('finished')} and collection_ended is null and ${inProject(3, 'd.')}
         returning post_settled, post_expected, window_ends_at`,
        [id, sequence, await shards.projectOf(id)],
      );
      const row = rows[0];
      return row === undefined
        ? null
        : { allSettled: row.post_settled >= row.post_expected, windowEndsAt: row.window_ends_at };
    },

    /** Nothing more will be read for this deployment. null when that was so before, or it is over. */
    async endCollection(
      id: string,
      reason: CollectionEnd,
    ): Promise<(EndedDeployment & { state: DeploymentState }) | null> {
      const { rows } = await connection.query<EndedRow & { state: DeploymentState }>(
        `update seqpulse.deployments set collection_ended = $2, post_settled = coalesce(post_expected, 0)
         where id = $1 and collection_ended is null and state in ('running', 'finished') and ${inProject(3)}
         returning id, pre_expected, post_expected, state`,
        [id, reason, await shards.projectOf(id)],
      );
      const row = rows[0];
      return row === undefined ? null : { ...toEnded(row), state: row.state };
    },
  };
}
