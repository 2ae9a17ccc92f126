import type { Queryable } from '../connection/pool.ts';

export interface SourceOutage {
  readonly since: Date;
  readonly reason: string;
}

/** One that begins again so soon after its end is no news: told each time, a source that comes and goes would be noise. */
const QUIET_AFTER_MS = 15 * 60_000;

/** Environments whose source can't be read. */
export function createSourceOutages(connection: Queryable) {
  return {
    /** Whether that is news: false when it is known, has only just recovered, or the environment is gone. */
    async open(projectId: string, env: string, outage: SourceOutage, at: Date): Promise<boolean> {
      const { rowCount } = await connection.query(
        `insert into seqpulse.source_outages as known (project_id, env, since, reason)
         select e.project_id, e.name, $3, $4 from seqpulse.environments e where e.project_id = $1 and e.name = $2
         on conflict (project_id, env) do update set since = $3, reason = $4, recovered_at = null
         where known.recovered_at < $5`,
        [projectId, env, outage.since, outage.reason, new Date(at.getTime() - QUIET_AFTER_MS)],
      );
      return rowCount === 1;
    },

    /** Where a deployment is; null: it is gone. */
    async placeOf(deploymentId: string): Promise<{ readonly projectId: string; readonly env: string } | null> {
      const { rows } = await connection.query<{ project_id: string; env: string }>(
        'select project_id, env from seqpulse.deployments where id = $1',
        [deploymentId],
      );
      return rows[0] === undefined ? null : { projectId: rows[0].project_id, env: rows[0].env };
    },

    /** The outage from before `begunBefore` that ends here; null when there was none. */
    async close(projectId: string, env: string, at: Date, begunBefore: Date): Promise<SourceOutage | null> {
      const { rows } = await connection.query<{ since: Date; reason: string }>(
        `update seqpulse.source_outages set recovered_at = $3
         where project_id = $1 and env = $2 and recovered_at is null and since < $4 returning since, reason`,
        [projectId, env, at, begunBefore],
      );
      return rows[0] ?? null;
    },
  };
}
