import type { DeploymentState } from '../../model/deployment.ts';
import type { BaselineSource, LevelChange, LevelJudgement } from '../../model/level.ts';
import type { Queryable } from '../connection/pool.ts';

interface Row {
  id: string;
  number: number;
  metrics_endpoint: string;
  state: DeploymentState;
  started_at: Date;
  finished_at: Date | null;
  window_ends_at: Date | null;
  finish_deadline_at: Date;
  judgement: LevelJudgement;
  baseline_source: BaselineSource;
  without_good: boolean;
}

const SELECT_CHANGE = `
  select d.id, d.number, d.metrics_endpoint, d.state, d.started_at, d.finished_at, d.window_ends_at,
         d.finish_deadline_at, d.baseline_source,
         d.baseline_source = 'at_trigger' and d.baseline_note is not null as without_good,
         case v.verdict
           when 'ok' then case when f.correct = false then 'bad' else 'good' end
           when 'attention' then case when f.correct = false then 'accepted' else 'bad' end
           when 'rollback_recommended' then case when f.correct = false then 'accepted' else 'bad' end
           else 'unknown' end as judgement
  from seqpulse.deployments d
  left join seqpulse.verdicts v on v.deployment_id = d.id
  left join seqpulse.verdict_feedback f on f.deployment_id = d.id`;

const LAST_TELLING = `${SELECT_CHANGE}
  where d.project_id = $1 and d.env = $2 and d.started_at < $3 and v.verdict <> 'insufficient_data'
  order by d.started_at desc, d.id desc limit 1`;

export function createLevelHistory(connection: Queryable) {
  return {
    /** The environment's newest deployments, oldest first. */
    async newestOf(projectId: string, env: string, limit: number): Promise<LevelChange[]> {
      const { rows } = await connection.query<Row>(
        `${SELECT_CHANGE} where d.project_id = $1 and d.env = $2 order by d.started_at desc, d.id desc limit $3`,
        [projectId, env, limit],
      );
      return rows.map(toChange).reverse();
    },

    /**
     * The environment's newest deployments that started at `since` or later, and the last one before that says
     * something; oldest first.
     */
    async listOf(projectId: string, env: string, since: Date, limit: number): Promise<LevelChange[]> {
      const { rows } = await connection.query<Row>(
        `(${SELECT_CHANGE} where d.project_id = $1 and d.env = $2 and d.started_at >= $3
          order by d.started_at desc, d.id desc limit $4)
         union all
         (${LAST_TELLING})`,
        [projectId, env, since, limit],
      );
      return rows.map(toChange).reverse();
    },

    /** The newest deployment that started before `before` and says whether the level is good. */
    async lastTelling(projectId: string, env: string, before: Date): Promise<LevelChange | null> {
      const { rows } = await connection.query<Row>(LAST_TELLING, [projectId, env, before]);
      return rows[0] === undefined ? null : toChange(rows[0]);
    },
  };
}

function toChange(row: Row): LevelChange {
  const ended = { running: null, finished: null, analyzed: row.window_ends_at, abandoned: row.finish_deadline_at };
  return {
    deploymentId: row.id,
    number: row.number,
    metricsEndpoint: row.metrics_endpoint,
    startedAtMs: row.started_at.getTime(),
    finishedAtMs: row.finished_at?.getTime() ?? null,
    endedAtMs: ended[row.state]?.getTime() ?? null,
    judgement: row.judgement,
    baselineSource: row.baseline_source,
    withoutGoodBaseline: row.without_good,
  };
}
