import { type EndedDeployment, type EndedRow, toEnded } from './deployment-state.ts';
import type { BaselineSource } from './level-history.ts';
import type { Queryable } from './pool.ts';
import type { BaselineMode } from './projects.ts';

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

/** A deployment's beginning: nothing → running. */
export function createDeploymentStart(connection: Queryable) {
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
     * locked inside the server alone. Numbers have no gaps: only what is stored gets one. Its commit does not wait for
     * the disk: a project's triggers would queue behind each other's flushes (a third of the rate, measured). What a
     * crash of the database takes back is a number, which the sweep gives anew; the deployment itself is on disk.
     */
    async assignNumber(id: string): Promise<number | null> {
      const { rows } = await connection.query<{ number: number }>(
        `with waiting as (
           select id, project_id from seqpulse.deployments where id = $1 and number is null for no key update),
         next as (
           update seqpulse.projects set last_deployment_number = last_deployment_number + 1
           where id = (select project_id from waiting)
             and set_config('synchronous_commit', 'off', true) is not null
           returning last_deployment_number)
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
  };
}
