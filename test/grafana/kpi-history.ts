import type { TestDatabase } from '../support/database.ts';

export interface DeploymentRow {
  readonly env?: string;
  readonly startedAt: string;
  readonly state?: 'analyzed' | 'abandoned' | 'running' | 'finished';
  readonly verdict?: 'ok' | 'attention' | 'rollback_recommended' | 'insufficient_data';
  /** Default: never, for what no view of this test asks. */
  readonly finishedAt?: string;
  readonly result?: 'success' | 'failed';
  readonly commitTime?: string;
  /** When the verdict was stored; 10 minutes after the start. */
  readonly analyzedAt?: string;
  readonly pre?: number;
  readonly post?: number;
  /** What somebody said of its verdict, when, and why. */
  readonly feedback?: { readonly correct: boolean; readonly note?: string; readonly givenAt?: string };
}

/** Writes projects and deployments into the real tables, so that a test says what it is about and no more. */
export function kpiHistory(database: TestDatabase) {
  let number = 0;
  return {
    async project(name: string, createdAt: string): Promise<string> {
      const rows = await database.query<{ id: string }>(
        `insert into seqpulse.projects (id, name, observation_window_minutes, finish_deadline_minutes, created_at)
         values (gen_random_uuid(), $1, 5, 120, $2) returning id`,
        [name, createdAt],
      );
      return rows[0]?.id ?? '';
    },

    /** Returns its number. */
    async deployment(projectId: string, row: DeploymentRow): Promise<number> {
      number += 1;
      const state = row.state ?? 'analyzed';
      const analyzedAt = row.analyzedAt ?? new Date(Date.parse(row.startedAt) + 600_000).toISOString();
      const rows = await database.query<{ id: string }>(
        `insert into seqpulse.deployments (id, project_id, env, number, state, metrics_endpoint, started_at,
           finish_deadline_at, analyzed_at, pre_expected, post_expected, finished_at, pipeline_result, commit_time)
         values (gen_random_uuid(), $1, $2, $3, $4, 'http://app.example/', $5::timestamptz,
           $5::timestamptz + interval '2 hours', $6, 5, 5, $7, $8, $9) returning id`,
        [
          projectId,
          row.env ?? 'prod',
          number,
          state,
          row.startedAt,
          state === 'analyzed' ? analyzedAt : null,
          row.finishedAt ?? null,
          row.result ?? null,
          row.commitTime ?? null,
        ],
      );
      const id = rows[0]?.id;
      if (row.verdict !== undefined) {
        await database.query(
          `insert into seqpulse.verdicts (project_id, deployment_id, verdict, confidence, summary, details, created_at)
           values ($4, $1, $2, 0.9, 'one sentence', '[]', $3)`,
          [id, row.verdict, analyzedAt, projectId],
        );
      }
      if (row.feedback !== undefined) {
        await database.query(
          'insert into seqpulse.verdict_feedback (project_id, deployment_id, correct, note, given_at) values ($1, $2, $3, $4, $5)',
          [projectId, id, row.feedback.correct, row.feedback.note ?? null, row.feedback.givenAt ?? analyzedAt],
        );
      }
      for (const [phase, count] of [
        ['pre', row.pre ?? 0],
        ['post', row.post ?? 0],
      ] as const) {
        await database.query(
          `insert into seqpulse.samples (project_id, deployment_id, phase, sequence, due_at, collected_at, requests_per_sec, latency_p95, error_rate, cpu_usage, memory_usage)
           select $5, $1, $2, n, $3, $3, 1, 1, 0, 0, 0 from generate_series(1, $4::int) n`,
          [id, phase, row.startedAt, count, projectId],
        );
      }
      return number;
    },
  };
}
