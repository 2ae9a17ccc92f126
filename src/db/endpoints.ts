import type { Endpoint } from '../model/project.ts';
import type { Queryable } from './connection/pool.ts';

interface EndpointRow {
  env: string;
  candidate_url: string | null;
  active_url: string | null;
  last_tested_at: Date | null;
  last_test_error: string | null;
}

/** The table's stand-in for "the project's default": a primary key column can't be null. */
const DEFAULT_ENV = '';

export function createEndpoints(connection: Queryable) {
  return {
    /** It takes the place of any other kind of candidate. */
    async setCandidate(projectId: string, env: string | null, url: string): Promise<void> {
      await connection.query(
        `with others as (
           update seqpulse.sources set candidate = null, candidate_credentials_encrypted = null
           where project_id = $1 and env = $2)
         insert into seqpulse.endpoints (project_id, env, candidate_url) values ($1, $2, $3)
         on conflict (project_id, env) do update set candidate_url = excluded.candidate_url, last_test_error = null`,
        [projectId, env ?? DEFAULT_ENV, url],
      );
    },

    async find(projectId: string, env: string | null): Promise<Endpoint | null> {
      const { rows } = await connection.query<EndpointRow>(
        `select env, candidate_url, active_url, last_tested_at, last_test_error
         from seqpulse.endpoints where project_id = $1 and env = $2`,
        [projectId, env ?? DEFAULT_ENV],
      );
      return rows[0] === undefined ? null : toEndpoint(rows[0]);
    },

    async listOfProjects(projectIds: readonly string[]): Promise<Map<string, Endpoint[]>> {
      const { rows } = await connection.query<EndpointRow & { project_id: string }>(
        `select project_id, env, candidate_url, active_url, last_tested_at, last_test_error
         from seqpulse.endpoints where project_id = any($1::uuid[]) order by env`,
        [projectIds],
      );
      const byProject = new Map<string, Endpoint[]>();
      for (const row of rows) {
        const list = byProject.get(row.project_id) ?? [];
        list.push(toEndpoint(row));
        byProject.set(row.project_id, list);
      }
      return byProject;
    },

    /**
     * The URL that was tested becomes the active one, and this place's source. What was set as a candidate meanwhile
     * stays one.
     */
    async activate(projectId: string, env: string | null, testedUrl: string, at: Date): Promise<void> {
      await connection.query(
        `with others as (
           update seqpulse.sources set active_identity = null where project_id = $1 and env = $2)
         update seqpulse.endpoints
         set active_url = $3, last_tested_at = $4, last_test_error = null,
             candidate_url = case when candidate_url = $3 then null else candidate_url end
         where project_id = $1 and env = $2`,
        [projectId, env ?? DEFAULT_ENV, testedUrl, at],
      );
    },

    /** Nothing, when another candidate was set meanwhile: it is not that one which failed. */
    async recordFailedTest(
      projectId: string,
      env: string | null,
      testedUrl: string,
      reason: string,
      at: Date,
    ): Promise<void> {
      await connection.query(
        `update seqpulse.endpoints set last_tested_at = $5, last_test_error = $4
         where project_id = $1 and env = $2 and coalesce(candidate_url, active_url) = $3`,
        [projectId, env ?? DEFAULT_ENV, testedUrl, reason, at],
      );
    },
  };
}

function toEndpoint(row: EndpointRow): Endpoint {
  return {
    env: row.env === DEFAULT_ENV ? null : row.env,
    candidateUrl: row.candidate_url,
    activeUrl: row.active_url,
    lastTestedAt: row.last_tested_at,
    lastTestError: row.last_test_error,
  };
}
