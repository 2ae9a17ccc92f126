import type { EnvironmentOverview } from '../model/environment.ts';
import type { Queryable } from './connection/pool.ts';
import type { Shards } from './shards/shards.ts';

/** Deployments of an environment that are looked at: the strip shows fewer. */
const RECENT = 24;

type Recent = EnvironmentOverview['recent'] | null;

interface Row {
  project_id: string;
  project: string;
  env: string;
  recent: Recent;
}

/** What the environment `e` of this project has lately done. */
const newestOf = (project: string) => `left join lateral (
    select jsonb_agg(jsonb_build_object('id', d.id, 'state', d.state, 'verdict', d.verdict)
                     order by d.started_at desc, d.id desc) as recent
    from (
      select d.id, d.state, d.started_at, v.verdict
      from seqpulse.deployments d left join seqpulse.verdicts v on v.deployment_id = d.id
      where d.project_id = ${project} and d.env = e.name
      order by d.started_at desc, d.id desc limit ${RECENT}) d) newest on true`;

/** What every environment has lately done, by project and name. */
export function createEnvironmentOverview(connection: Queryable, shards: Pick<Shards, 'distributed'>) {
  async function rowsOf(limit: number, newest: string, recent: string): Promise<Row[]> {
    const { rows } = await connection.query<Row>(
      `select e.project_id, p.name as project, e.name as env, ${recent} as recent
       from seqpulse.environments e
       join seqpulse.projects p on p.id = e.project_id
       ${newest}
       order by lower(p.name), p.name, e.name limit $1`,
      [limit],
    );
    return rows;
  }

  /** Each project by its shard. */
  async function rowsOfShards(limit: number): Promise<Row[]> {
    const rows = await rowsOf(limit, '', 'null');
    const projectIds = [...new Set(rows.map(({ project_id }) => project_id))];
    const found = await Promise.all(
      projectIds.map(async (projectId) => {
        const { rows: envs } = await connection.query<{ env: string; recent: Recent }>(
          `select e.name as env, newest.recent from seqpulse.environments e ${newestOf('$1')} where e.project_id = $1`,
          [projectId],
        );
        return envs.map(({ env, recent }) => [`${projectId} ${env}`, recent] as const);
      }),
    );
    const recentOf = new Map(found.flat());
    return rows.map((row) => ({ ...row, recent: recentOf.get(`${row.project_id} ${row.env}`) ?? null }));
  }

  return {
    async list(limit: number): Promise<EnvironmentOverview[]> {
      const rows = await (shards.distributed
        ? rowsOfShards(limit)
        : rowsOf(limit, newestOf('e.project_id'), 'newest.recent'));
      return rows.map(({ project_id, project, env, recent }) => ({
        projectId: project_id,
        project,
        env,
        recent: recent ?? [],
      }));
    },
  };
}
