import type { DoraFigures } from '../model/dora.ts';
import type { Queryable } from './connection/pool.ts';
import type { Shards } from './shards/shards.ts';

/** A window of time: after `from`, until `to` inclusive. */
export interface DoraWindow {
  readonly from: Date;
  readonly to: Date;
  /** null: all. */
  readonly env: string | null;
}

export interface DoraRow extends DoraFigures {
  readonly projectId: string;
  /** null: all of the project's environments together. */
  readonly env: string | null;
}

interface Row {
  project_id: string;
  env: string;
  whole_project: boolean;
  deployments: number;
  days: number;
  failed: number;
  rated: number;
  incidents: number;
  restored: number;
  restore_median: number | null;
  lead_known: number;
  lead_median: number | null;
}

/** Days are those of UTC, whatever the session's time zone. */
const FIGURES = `
  count(*)::integer as deployments,
  count(distinct (finished_at at time zone 'UTC')::date)::integer as days,
  (count(*) filter (where outcome = 'failed'))::integer as failed,
  count(outcome)::integer as rated,
  (count(*) filter (where begins_incident))::integer as incidents,
  count(seconds_to_restore)::integer as restored,
  percentile_cont(0.5) within group (order by seconds_to_restore) as restore_median,
  count(lead_time_seconds)::integer as lead_known,
  percentile_cont(0.5) within group (order by lead_time_seconds) as lead_median`;

/**
 * A deployment belongs to the window in which it finished. The start is bounded too, for its indexes: a finish comes
 * within the finish deadline, which is two weeks at most.
 */
const IN_WINDOW = `finished_at > $1 and finished_at <= $2 and started_at > $1::timestamptz - interval '14 days'
  and ($3::text is null or env = $3)`;

export function createDora(connection: Queryable, shards: Pick<Shards, 'distributed'>) {
  async function rowsOf(columns: string, groups: string, values: readonly unknown[]): Promise<Row[]> {
    const { rows } = await connection.query<Row>(
      `select project_id, ${columns}, ${FIGURES}
       from seqpulse.dora_deployments
       where ${IN_WINDOW} and project_id = any($4::uuid[])
       group by ${groups} order by project_id, env`,
      [...values],
    );
    return rows;
  }

  /** Several sets of groups in one statement are for one shard alone. */
  async function rowsOfShards(values: readonly unknown[]): Promise<Row[]> {
    const byEnv = await rowsOf('env, false as whole_project', 'project_id, env', values);
    const whole = await rowsOf('null as env, true as whole_project', 'project_id', values);
    return whole.flatMap((row) => [...byEnv.filter(({ project_id }) => project_id === row.project_id), row]);
  }

  return {
    /** A row for each of these projects' environments that has deployments, and one for each project as a whole. */
    async ofProjects(projectIds: readonly string[], window: DoraWindow): Promise<DoraRow[]> {
      const { from, to, env } = window;
      const values = [from, to, env, projectIds];
      const rows = shards.distributed
        ? await rowsOfShards(values)
        : await rowsOf(
            'env, grouping(env) = 1 as whole_project',
            'grouping sets ((project_id, env), (project_id))',
            values,
          );
      return rows.map((row) => ({
        projectId: row.project_id,
        env: row.whole_project ? null : row.env,
        ...toFigures(row),
      }));
    },

    /** All projects together. */
    async ofAll({ from, to, env }: DoraWindow): Promise<DoraFigures> {
      const { rows } = await connection.query<Row>(
        `select ${FIGURES} from seqpulse.dora_deployments where ${IN_WINDOW}`,
        [from, to, env],
      );
      const row = rows[0];
      if (row === undefined) throw new Error('an aggregate without a row');
      return toFigures(row);
    },
  };
}

function toFigures(row: Row): DoraFigures {
  return {
    deployments: row.deployments,
    daysWithDeployments: row.days,
    failed: row.failed,
    rated: row.rated,
    restored: row.restored,
    open: row.incidents - row.restored,
    restoreSeconds: row.restore_median,
    leadTimes: row.lead_known,
    leadTimeSeconds: row.lead_median,
  };
}
