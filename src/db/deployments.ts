import type { Limits } from '../verdict/types.ts';
import type { BaselineSource } from './level-history.ts';
import type { Queryable } from './pool.ts';
import type { BaselineMode } from './projects.ts';

/**
 * running ── finish ──▶ finished ── analysis ──▶ analyzed
 *    └── finish deadline passed ──▶ abandoned
 */
export type DeploymentState = 'running' | 'finished' | 'analyzed' | 'abandoned';
export type PipelineResult = 'success' | 'failed';
/** Why collecting ended before its time. */
export type CollectionEnd = 'superseded' | 'hmac_refused';

/** All that POST /deployments/trigger must know before it creates anything. */
export interface TriggerContext {
  readonly envKnown: boolean;
  readonly activeEndpoint: string | null;
  readonly hmacSecretEncrypted: Buffer | null;
  readonly finishDeadlineMinutes: number;
  /** Id of the deployment with the same idempotency key in this project and env. */
  readonly sameKeyId: string | null;
  readonly running: { readonly id: string; readonly finishDeadlineAt: Date } | null;
  readonly baseline: BaselineMode;
  /** What is read between deployments at the active endpoint; null: nothing yet. */
  readonly baselineSeries: number | null;
  /** There was a deployment in this environment before. */
  readonly hasHistory: boolean;
}

export interface NewDeployment {
  readonly id: string;
  readonly projectId: string;
  readonly env: string;
  readonly branch: string | null;
  readonly idempotencyKey: string | null;
  readonly metricsEndpoint: string;
  readonly startedAt: Date;
  readonly finishDeadlineAt: Date;
  readonly preExpected: number;
  readonly traceParent: string | null;
  readonly baselineSource: BaselineSource;
  readonly baselineNote: string | null;
}

export interface FinishContext {
  readonly state: DeploymentState;
  readonly env: string;
  readonly metricsEndpoint: string;
  readonly finishDeadlineAt: Date;
  readonly observationWindowMinutes: number;
  readonly preExpected: number;
  readonly collectionEnded: CollectionEnd | null;
  readonly traceParent: string | null;
}

/** What one collect must know: where to read, and whether reading still makes sense. */
export interface CollectContext {
  readonly projectId: string;
  readonly state: DeploymentState;
  readonly metricsEndpoint: string;
  readonly hmacSecretEncrypted: Buffer | null;
  readonly collectionEnded: CollectionEnd | null;
}

export interface CollectProgress {
  readonly allSettled: boolean;
  readonly windowEndsAt: Date;
}

export interface AnalysisContext {
  readonly projectId: string;
  readonly env: string;
  readonly state: DeploymentState;
  readonly pipelineResult: PipelineResult | null;
  readonly preExpected: number;
  readonly postExpected: number;
  readonly postSettled: number;
  readonly windowEndsAt: Date | null;
  readonly collectionEnded: CollectionEnd | null;
  /** The project's least changes that matter, as they are now. */
  readonly limits: Partial<Limits>;
  readonly startedAt: Date;
  readonly baselineSource: BaselineSource;
  readonly baselineNote: string | null;
}

export interface EndedDeployment {
  readonly id: string;
  readonly preExpected: number;
  readonly postExpected: number;
}

export function createDeployments(connection: Queryable) {
  return {
    async findTriggerContext(projectId: string, env: string, idempotencyKey: string | null): Promise<TriggerContext> {
      const { rows } = await connection.query<{
        env_known: boolean;
        active_url: string | null;
        hmac_secret_encrypted: Buffer | null;
        finish_deadline_minutes: number;
        same_key_id: string | null;
        running_id: string | null;
        running_deadline: Date | null;
        baseline: BaselineMode | null;
        series: number | null;
        has_history: boolean;
      }>(
        `select e.name is not null as env_known,
                coalesce(own.active_url, preset.active_url) as active_url,
                p.hmac_secret_encrypted, p.finish_deadline_minutes,
                (select d.id from seqpulse.deployments d
                 where d.project_id = p.id and d.env = $2 and d.idempotency_key = $3) as same_key_id,
                r.id as running_id, r.finish_deadline_at as running_deadline, p.baseline,
                (select s.id from seqpulse.baseline_series s where s.project_id = p.id and s.env = $2
                   and s.url = coalesce(own.active_url, preset.active_url)) as series,
                exists (select from seqpulse.deployments d where d.project_id = p.id and d.env = $2) as has_history
         from seqpulse.projects p
         left join seqpulse.environments e on e.project_id = p.id and e.name = $2
         left join seqpulse.endpoints own on own.project_id = p.id and own.env = $2
         left join seqpulse.endpoints preset on preset.project_id = p.id and preset.env = ''
         left join seqpulse.deployments r on r.project_id = p.id and r.env = $2 and r.state = 'running'
         where p.id = $1`,
        [projectId, env, idempotencyKey],
      );
      const row = rows[0];
      return {
        envKnown: row?.env_known ?? false,
        activeEndpoint: row?.active_url ?? null,
        hmacSecretEncrypted: row?.hmac_secret_encrypted ?? null,
        finishDeadlineMinutes: row?.finish_deadline_minutes ?? 0,
        sameKeyId: row?.same_key_id ?? null,
        running:
          row?.running_id && row.running_deadline
            ? { id: row.running_id, finishDeadlineAt: row.running_deadline }
            : null,
        baseline: row?.baseline ?? 'at_trigger',
        baselineSeries: row?.series ?? null,
        hasHistory: row?.has_history ?? false,
      };
    },

    /**
     * Stores a running deployment, still without its number, and ends the observation of what is still `finished`
     * in this env: each of those keeps the samples that it has. null when one with this idempotency key, or a
     * running one in this env, was there first; then the caller rolls back.
     */
    async insertRunning(
      deployment: NewDeployment,
    ): Promise<{ readonly superseded: readonly EndedDeployment[] } | null> {
      const { rows } = await connection.query<{ inserted: boolean } & EndedRow>(
        `with inserted as (
           insert into seqpulse.deployments (id, project_id, env, branch, idempotency_key, state,
             metrics_endpoint, started_at, finish_deadline_at, pre_expected, trace_parent,
             baseline_source, baseline_note)
           values ($1, $2, $3, $4, $5, 'running', $6, $7, $8, $9, $10, $11, $12)
           on conflict do nothing returning id, pre_expected),
         superseded as (
           update seqpulse.deployments
           set superseded_by = $1, collection_ended = coalesce(collection_ended, 'superseded'),
               post_settled = post_expected
           where project_id = $2 and env = $3 and state = 'finished' and superseded_by is null
             and exists (select 1 from inserted)
           returning id, pre_expected, post_expected)
         select true as inserted, id, pre_expected, 0 as post_expected from inserted
         union all select false, id, pre_expected, post_expected from superseded`,
        [
          deployment.id,
          deployment.projectId,
          deployment.env,
          deployment.branch,
          deployment.idempotencyKey,
          deployment.metricsEndpoint,
          deployment.startedAt,
          deployment.finishDeadlineAt,
          deployment.preExpected,
          deployment.traceParent,
          deployment.baselineSource,
          deployment.baselineNote,
        ],
      );
      if (!rows.some((row) => row.inserted)) return null;
      return { superseded: rows.filter((row) => !row.inserted).map(toEnded) };
    },

    /**
     * The project's next number for a deployment that has none yet; one statement, so that the project's row is
     * locked inside the server alone. Numbers have no gaps: only what is stored gets one.
     */
    async assignNumber(id: string): Promise<number | null> {
      const { rows } = await connection.query<{ number: number }>(
        `with waiting as (
           select id, project_id from seqpulse.deployments where id = $1 and number is null for no key update),
         next as (
           update seqpulse.projects set last_deployment_number = last_deployment_number + 1
           where id = (select project_id from waiting) returning last_deployment_number)
         update seqpulse.deployments set number = next.last_deployment_number from next
         where id = (select id from waiting) returning number`,
        [id],
      );
      return rows[0]?.number ?? null;
    },

    /** Those whose service died between storing and numbering, oldest first. */
    async findWithoutNumber(startedBefore: Date, limit: number): Promise<string[]> {
      const { rows } = await connection.query<{ id: string }>(
        `select id from seqpulse.deployments where number is null and started_at < $1 order by started_at limit $2`,
        [startedBefore, limit],
      );
      return rows.map((row) => row.id);
    },

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
      }>(
        `select d.state, d.env, d.metrics_endpoint, d.finish_deadline_at, p.observation_window_minutes,
                d.pre_expected, d.collection_ended, d.trace_parent
         from seqpulse.deployments d join seqpulse.projects p on p.id = d.project_id
         where d.id = $1 and d.project_id = $2`,
        [id, projectId],
      );
      const row = rows[0];
      return row === undefined
        ? null
        : {
            state: row.state,
            env: row.env,
            metricsEndpoint: row.metrics_endpoint,
            finishDeadlineAt: row.finish_deadline_at,
            observationWindowMinutes: row.observation_window_minutes,
            preExpected: row.pre_expected,
            collectionEnded: row.collection_ended,
            traceParent: row.trace_parent,
          };
    },

    /**
     * running → finished, once: null for whoever comes second. Otherwise why collecting has ended already
     * (then no post collect is to be expected), read under the row's lock.
     */
    async finish(input: {
      readonly id: string;
      readonly result: PipelineResult;
      readonly finishedAt: Date;
      readonly windowEndsAt: Date;
      readonly postExpected: number;
    }): Promise<{ readonly collectionEnded: CollectionEnd | null } | null> {
      const { rows } = await connection.query<{ collection_ended: CollectionEnd | null }>(
        `update seqpulse.deployments
         set state = 'finished', pipeline_result = $2, finished_at = $3, window_ends_at = $4, post_expected = $5,
             post_settled = case when collection_ended is null then 0 else $5 end
         where id = $1 and state = 'running' returning collection_ended`,
        [input.id, input.result, input.finishedAt, input.windowEndsAt, input.postExpected],
      );
      return rows[0] === undefined ? null : { collectionEnded: rows[0].collection_ended };
    },

    async findCollectContext(id: string): Promise<CollectContext | null> {
      const { rows } = await connection.query<{
        project_id: string;
        state: DeploymentState;
        metrics_endpoint: string;
        hmac_secret_encrypted: Buffer | null;
        collection_ended: CollectionEnd | null;
      }>(
        `select d.project_id, d.state, d.metrics_endpoint, p.hmac_secret_encrypted, d.collection_ended
         from seqpulse.deployments d join seqpulse.projects p on p.id = d.project_id where d.id = $1`,
        [id],
      );
      const row = rows[0];
      return row === undefined
        ? null
        : {
            projectId: row.project_id,
            state: row.state,
            metricsEndpoint: row.metrics_endpoint,
            hmacSecretEncrypted: row.hmac_secret_encrypted,
            collectionEnded: row.collection_ended,
          };
    },

    /**
     * One more post collect was given up; null when nothing waits for it any more. Locks the row. One whose sample
     * is there has been counted when that was stored: its worker died before it could end the job.
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
           where s.deployment_id = d.id and s.phase = 'post' and s.sequence = $2) then 0 else 1 end
         where id = $1 and state = 'finished' and post_settled < post_expected
         returning post_settled, post_expected, window_ends_at`,
        [id, sequence],
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
         where id = $1 and collection_ended is null and state in ('running', 'finished')
         returning id, pre_expected, post_expected, state`,
        [id, reason],
      );
      const row = rows[0];
      return row === undefined ? null : { ...toEnded(row), state: row.state };
    },

    /** Locks the row, so that a collect that settles meanwhile either is seen here or sees what is decided here. */
    async lockForAnalysis(id: string): Promise<AnalysisContext | null> {
      const { rows } = await connection.query<AnalysisRow>(
        `${SELECT_ANALYSIS} where d.id = $1 for no key update of d`,
        [id],
      );
      return rows[0] === undefined ? null : toAnalysisContext(rows[0]);
    },

    /** The same without a lock, for whoever only looks. `projectId` null: whichever project it belongs to. */
    async findAnalysisContext(id: string, projectId: string | null): Promise<AnalysisContext | null> {
      const { rows } = await connection.query<AnalysisRow>(
        `${SELECT_ANALYSIS} where d.id = $1 and ($2::uuid is null or d.project_id = $2)`,
        [id, projectId],
      );
      return rows[0] === undefined ? null : toAnalysisContext(rows[0]);
    },

    async markAnalyzed(id: string, at: Date): Promise<void> {
      await connection.query(
        `update seqpulse.deployments set state = 'analyzed', analyzed_at = $2 where id = $1 and state = 'finished'`,
        [id, at],
      );
    },

    /** running → abandoned, if its finish deadline has passed. null when that was done before, or there is nothing to do. */
    async abandonOne(id: string, now: Date): Promise<EndedDeployment | null> {
      const { rows } = await connection.query<EndedRow>(
        `update seqpulse.deployments set state = 'abandoned'
         where id = $1 and state = 'running' and finish_deadline_at <= $2
         returning id, pre_expected, post_expected`,
        [id, now],
      );
      return rows[0] === undefined ? null : toEnded(rows[0]);
    },

    /** running → abandoned for up to `limit` deployments whose finish deadline has passed. Passes over locked rows. */
    async abandonOverdue(now: Date, limit: number): Promise<EndedDeployment[]> {
      const { rows } = await connection.query<EndedRow>(
        `update seqpulse.deployments set state = 'abandoned' where id in (
           select id from seqpulse.deployments where state = 'running' and finish_deadline_at <= $1
           order by finish_deadline_at limit $2 for no key update skip locked)
         returning id, pre_expected, post_expected`,
        [now, limit],
      );
      return rows.map(toEnded);
    },
  };
}

interface AnalysisRow {
  project_id: string;
  env: string;
  state: DeploymentState;
  pipeline_result: PipelineResult | null;
  pre_expected: number;
  post_expected: number | null;
  post_settled: number;
  window_ends_at: Date | null;
  collection_ended: CollectionEnd | null;
  limits: Partial<Limits>;
  started_at: Date;
  baseline_source: BaselineSource;
  baseline_note: string | null;
}

const SELECT_ANALYSIS = `
  select d.project_id, d.env, d.state, d.pipeline_result, d.pre_expected, d.post_expected, d.post_settled,
         d.window_ends_at, d.collection_ended, p.limits, d.started_at, d.baseline_source, d.baseline_note
  from seqpulse.deployments d join seqpulse.projects p on p.id = d.project_id`;

function toAnalysisContext(row: AnalysisRow): AnalysisContext {
  return {
    projectId: row.project_id,
    env: row.env,
    state: row.state,
    pipelineResult: row.pipeline_result,
    preExpected: row.pre_expected,
    postExpected: row.post_expected ?? 0,
    postSettled: row.post_settled,
    windowEndsAt: row.window_ends_at,
    collectionEnded: row.collection_ended,
    limits: row.limits,
    startedAt: row.started_at,
    baselineSource: row.baseline_source,
    baselineNote: row.baseline_note,
  };
}

interface EndedRow {
  id: string;
  pre_expected: number;
  post_expected: number | null;
}

function toEnded(row: EndedRow): EndedDeployment {
  return { id: row.id, preExpected: row.pre_expected, postExpected: row.post_expected ?? 0 };
}
