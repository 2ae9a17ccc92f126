import type { EnvironmentOverview } from '../model/environment.ts';
import type { Queryable } from './connection/pool.ts';

/** Deployments of an environment that are looked at: the strip shows fewer. */
const RECENT = 24;

/** What every environment has lately done, by project and name. */
export function createEnvironmentOverview(connection: Queryable) {
  return {
    async list(limit: number): Promise<EnvironmentOverview[]> {
      const { rows } = await connection.query<{
        project_id: string;
        project: string;
        env: string;
        recent: EnvironmentOverview['recent'] | null;
      }>(
        `select e.project_id, p.name as project, e.name as env, newest.recent
         from seqpulse.environments e
         join seqpulse.projects p on p.id = e.project_id
         left join lateral (
           select jsonb_agg(jsonb_build_object('id', d.id, 'state', d.state, 'verdict', d.verdict)
                            order by d.started_at desc, d.id desc) as recent
           from (
             select d.id, d.state, d.started_at, v.verdict
             from seqpulse.deployments d left join seqpulse.verdicts v on v.deployment_id = d.id
             where d.project_id = e.project_id and d.env = e.name
             order by d.started_at desc, d.id desc limit ${RECENT}) d) newest on true
         order by lower(p.name), p.name, e.name limit $1`,
        [limit],
      );
      return rows.map(({ project_id, project, env, recent }) => ({
        projectId: project_id,
        project,
        env,
        recent: recent ?? [],
      }));
    },
  };
}
