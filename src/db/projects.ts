import type { Project, ProjectChange } from '../model/project.ts';
import type { Queryable } from './connection/pool.ts';
import { type ProjectRow, SELECT_PROJECT, toProject } from './project-rows.ts';

export function createProjects(connection: Queryable) {
  return {
    /** Stores project and environments; false when the name is taken. Needs a transaction around it. */
    async insert(project: Project): Promise<boolean> {
      const { rowCount } = await connection.query(
        `insert into seqpulse.projects
           (id, name, observation_window_minutes, finish_deadline_minutes, baseline, limits, created_at)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (name) do nothing`,
        [
          project.id,
          project.name,
          project.observationWindowMinutes,
          project.finishDeadlineMinutes,
          project.baseline,
          JSON.stringify(project.limits),
          project.createdAt,
        ],
      );
      if (rowCount !== 1) return false;
      await connection.query(`insert into seqpulse.environments (project_id, name) select $1, unnest($2::text[])`, [
        project.id,
        project.envs,
      ]);
      return true;
    },

    async find(id: string): Promise<Project | null> {
      const { rows } = await connection.query<ProjectRow>(`${SELECT_PROJECT} where p.id = $1`, [id]);
      return rows[0] === undefined ? null : toProject(rows[0]);
    },

    /** As it stands, for a change: whoever changes it at the same time waits. Needs a transaction around it. */
    async lock(id: string): Promise<Project | null> {
      await connection.query('select from seqpulse.projects where id = $1 for no key update', [id]);
      // A statement of its own: the one that waited sees the environments as they were when it began.
      return await this.find(id);
    },

    /** Newest first; `after` is the last item of the page before. */
    async list(limit: number, after: { readonly at: Date; readonly id: string } | null): Promise<Project[]> {
      const { rows } = await connection.query<ProjectRow>(
        `${SELECT_PROJECT}
         where $2::timestamptz is null or (p.created_at, p.id) < ($2, $3::uuid)
         order by p.created_at desc, p.id desc limit $1`,
        [limit, after?.at ?? null, after?.id ?? null],
      );
      return rows.map(toProject);
    },

    /**
     * Needs a transaction around it. Environments that are no longer listed go with their endpoint; their
     * deployments stay. Returns false when the new name is taken by another project.
     */
    async update(id: string, change: ProjectChange): Promise<boolean> {
      if (change.name !== undefined) {
        const taken = await connection.query(`select 1 from seqpulse.projects where name = $2 and id <> $1`, [
          id,
          change.name,
        ]);
        if (taken.rowCount !== 0) return false;
      }
      await connection.query(
        `update seqpulse.projects
         set name = coalesce($2, name),
             observation_window_minutes = coalesce($3, observation_window_minutes),
             finish_deadline_minutes = coalesce($4, finish_deadline_minutes),
             baseline = coalesce($5, baseline),
             -- Merged here and not in the service: of two PATCHes at once neither undoes the other.
             limits = jsonb_strip_nulls(limits || coalesce($6, '{}'::jsonb))
         where id = $1`,
        [
          id,
          change.name ?? null,
          change.observationWindowMinutes ?? null,
          change.finishDeadlineMinutes ?? null,
          change.baseline ?? null,
          change.limits === undefined ? null : JSON.stringify(change.limits),
        ],
      );
      if (change.envs !== undefined) {
        await connection.query(`delete from seqpulse.environments where project_id = $1 and name <> all($2::text[])`, [
          id,
          change.envs,
        ]);
        await connection.query(
          `delete from seqpulse.endpoints where project_id = $1 and env <> '' and env <> all($2::text[])`,
          [id, change.envs],
        );
        await connection.query(
          `delete from seqpulse.sources where project_id = $1 and env <> '' and env <> all($2::text[])`,
          [id, change.envs],
        );
        await connection.query(
          `insert into seqpulse.environments (project_id, name)
           select $1, unnest($2::text[]) on conflict do nothing`,
          [id, change.envs],
        );
      }
      return true;
    },

    /** Deletes the project with everything that hangs on it; false when there is none. */
    async remove(id: string): Promise<boolean> {
      const { rowCount } = await connection.query('delete from seqpulse.projects where id = $1', [id]);
      // No foreign key ties what was pushed to it.
      await connection.query('delete from seqpulse.otlp_points where project_id = $1', [id]);
      return rowCount === 1;
    },

    /** null switches HMAC off; false when there is no such project. */
    async setHmacSecret(id: string, encrypted: Buffer | null): Promise<boolean> {
      const { rowCount } = await connection.query(
        `update seqpulse.projects set hmac_secret_encrypted = $2 where id = $1`,
        [id, encrypted],
      );
      return rowCount === 1;
    },

    async findHmacSecret(id: string): Promise<Buffer | null> {
      const { rows } = await connection.query<{ hmac_secret_encrypted: Buffer | null }>(
        `select hmac_secret_encrypted from seqpulse.projects where id = $1`,
        [id],
      );
      return rows[0]?.hmac_secret_encrypted ?? null;
    },
  };
}
