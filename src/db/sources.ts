import {
  type AskedSource,
  identityOf,
  isOtlpSettings,
  type OtlpSettings,
  type SourceSettings,
  type StoredSettings,
} from '../model/source.ts';
import type { Queryable } from './connection/pool.ts';
import { sourceOf } from './source-rows.ts';
import { fromSettings, toSettings } from './stored-settings.ts';

interface AskedRow {
  env: string;
  candidate: unknown;
  candidate_credentials_encrypted: Buffer | null;
  settings: unknown;
  credentials_encrypted: Buffer | null;
  last_tested_at: Date | null;
  last_test_error: string | null;
}

const DEFAULT_ENV = '';

export function createSources(connection: Queryable) {
  return {
    /** null where none was ever set. */
    async find(projectId: string, env: string | null): Promise<AskedSource | null> {
      const { rows } = await connection.query<AskedRow>(
        `select s.env, s.candidate, s.candidate_credentials_encrypted, a.settings, a.credentials_encrypted,
                s.last_tested_at, s.last_test_error
         from seqpulse.sources s
         left join seqpulse.source_settings a on a.project_id = s.project_id and a.identity = s.active_identity
         where s.project_id = $1 and s.env = $2`,
        [projectId, env ?? DEFAULT_ENV],
      );
      return rows[0] === undefined ? null : toAsked(rows[0]);
    },

    /** The project's environments, and settings of its OTLP sources with metrics of the team's own, tested or not. */
    async pushedTo(projectId: string): Promise<{ envs: string[]; settings: OtlpSettings[] }> {
      const { rows } = await connection.query<{ envs: string[]; settings: unknown[] | null }>(
        `select array(select e.name from seqpulse.environments e where e.project_id = $1 order by e.name) as envs,
                (select jsonb_agg(one.settings) from seqpulse.sources s
                 left join seqpulse.source_settings a on a.project_id = s.project_id and a.identity = s.active_identity
                 cross join lateral (values (s.candidate), (a.settings)) one(settings)
                 where s.project_id = $1 and one.settings->>'type' = 'otlp' and one.settings ? 'custom') as settings`,
        [projectId],
      );
      const settings = (rows[0]?.settings ?? []).flatMap((stored) => toSettings(stored) ?? []);
      return { envs: rows[0]?.envs ?? [], settings: settings.filter(isOtlpSettings) };
    },

    async setCandidate(projectId: string, env: string | null, candidate: StoredSettings): Promise<void> {
      await connection.query(
        `insert into seqpulse.sources (project_id, env, candidate, candidate_credentials_encrypted)
         values ($1, $2, $3, $4)
         on conflict (project_id, env) do update set candidate = excluded.candidate,
           candidate_credentials_encrypted = excluded.candidate_credentials_encrypted, last_test_error = null`,
        [projectId, env ?? DEFAULT_ENV, fromSettings(candidate.settings), candidate.sealedCredentials],
      );
    },

    /** An endpoint is what is wanted now. */
    async dropCandidate(projectId: string, env: string | null): Promise<void> {
      await connection.query(
        `update seqpulse.sources set candidate = null, candidate_credentials_encrypted = null, last_test_error = null
         where project_id = $1 and env = $2`,
        [projectId, env ?? DEFAULT_ENV],
      );
    },

    /**
     * What was tested becomes active, with what its test found; unless another candidate was set meanwhile: that one
     * stays. Needs a transaction around it.
     */
    async activate(
      projectId: string,
      env: string | null,
      tested: StoredSettings,
      found: SourceSettings,
      at: Date,
    ): Promise<void> {
      const identity = identityOf(sourceOf(projectId, env, { settings: found, sealedCredentials: null }));
      await connection.query(
        `insert into seqpulse.source_settings (project_id, identity, settings, credentials_encrypted)
         values ($1, $2, $3, $4)
         on conflict (project_id, identity) do update set credentials_encrypted = excluded.credentials_encrypted,
           settings = excluded.settings`,
        [projectId, identity, fromSettings(found), tested.sealedCredentials],
      );
      await connection.query(
        `update seqpulse.sources
         set active_identity = $3, last_tested_at = $4, last_test_error = null,
             candidate_credentials_encrypted =
               case when candidate = $5::jsonb then null else candidate_credentials_encrypted end,
             candidate = case when candidate = $5::jsonb then null else candidate end
         where project_id = $1 and env = $2`,
        [projectId, env ?? DEFAULT_ENV, identity, at, fromSettings(tested.settings)],
      );
    },

    async recordFailedTest(projectId: string, env: string | null, reason: string, at: Date): Promise<void> {
      await connection.query(
        `update seqpulse.sources set last_tested_at = $4, last_test_error = $3 where project_id = $1 and env = $2`,
        [projectId, env ?? DEFAULT_ENV, reason, at],
      );
    },
  };
}

function toAsked(row: AskedRow): AskedSource {
  const stored = (json: unknown, sealedCredentials: Buffer | null) => {
    const settings = toSettings(json);
    return settings === null ? null : { settings, sealedCredentials };
  };
  return {
    env: row.env === DEFAULT_ENV ? null : row.env,
    candidate: stored(row.candidate, row.candidate_credentials_encrypted),
    active: stored(row.settings, row.credentials_encrypted),
    lastTestedAt: row.last_tested_at,
    lastTestError: row.last_test_error,
  };
}
