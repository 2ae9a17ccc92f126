import type { DeploymentKey, LateCheckRow } from '../model/deployment.ts';
import { LATE_HOURS, type LateHours } from '../verdict/late.ts';
import type { DayBefore } from '../verdict/late-day.ts';
import type { LateVerdict } from '../verdict/late-verdict.ts';
import type { Limits } from '../verdict/types.ts';
import type { Queryable } from './connection/pool.ts';
import { toFindings } from './deployments/stored-verdict.ts';
import { inProject, type Shards } from './shards/shards.ts';
import { fromDayBefore, toDayBefore } from './stored-day.ts';
import { STORED_SHAPES, toLimits } from './stored-shapes.ts';

export interface LookKey {
  readonly deploymentId: string;
  readonly hours: LateHours;
}

/** A second look that is due, and its deployment. */
export interface DueLook {
  readonly dueAt: Date;
  readonly day: DayBefore;
  readonly projectId: string;
  readonly env: string;
  readonly startedAt: Date;
  readonly limits: Partial<Limits>;
  /** Something newer is deployed there: whatever is read now is of that. */
  readonly isSuperseded: boolean;
  /** An earlier check has said it already. */
  readonly isTold: boolean;
}

interface DueRow {
  due_at: Date;
  day_before: unknown;
  project_id: string;
  env: string;
  started_at: Date;
  limits: unknown;
  is_superseded: boolean;
  is_told: boolean;
}

interface CheckJson {
  hours: number;
  verdict: LateCheckRow['verdict'];
  confidence: number;
  summary: string;
  details: unknown;
  at_ms: number;
}

/** Second looks at an `ok`: those to come, and what they said. */
export function createLateChecks(connection: Queryable, shards: Shards) {
  return {
    /** One look each so many hours after `at`. */
    async schedule({ id, projectId }: DeploymentKey, day: DayBefore, at: Date): Promise<void> {
      await connection.query(
        `insert into seqpulse.late_looks (deployment_id, project_id, hours, due_at, day_before)
         select $1, $5, h, $3::timestamptz + h * interval '1 hour', $4 from unnest($2::smallint[]) as h
         on conflict do nothing`,
        [id, LATE_HOURS, at, fromDayBefore(day), projectId],
      );
    },

    /** Those that are due the longest first. */
    async findDue(now: Date, limit: number): Promise<LookKey[]> {
      const { rows } = await connection.query<{ deployment_id: string; hours: LateHours }>(
        'select deployment_id, hours from seqpulse.late_looks where due_at <= $1 order by due_at limit $2',
        [now, limit],
      );
      return rows.map(({ deployment_id, hours }) => ({ deploymentId: deployment_id, hours }));
    },

    /** Locked until the transaction ends; null: another one has it, or it has been made. */
    async take({ deploymentId, hours }: LookKey): Promise<DueLook | null> {
      const { rows } = await connection.query<DueRow>(
        `with due as (
           select deployment_id, due_at, day_before from seqpulse.late_looks
           where deployment_id = $1 and hours = $2 and ${inProject(3)} for update skip locked)
         select due.due_at, due.day_before, d.project_id, d.env, d.started_at, p.limits,
                exists (select from seqpulse.deployments n where n.project_id = d.project_id and n.env = d.env
                        and n.started_at > d.started_at and n.started_at <= due.due_at) as is_superseded,
                exists (select from seqpulse.late_checks c
                        where c.deployment_id = d.id and c.verdict = 'attention') as is_told
         from due
         join seqpulse.deployments d on d.id = $1 and ${inProject(3, 'd.')}
         join seqpulse.projects p on p.id = d.project_id`,
        [deploymentId, hours, await shards.projectOf(deploymentId)],
      );
      return rows[0] === undefined ? null : toDue(rows[0]);
    },

    async drop({ deploymentId, hours }: LookKey): Promise<void> {
      await connection.query(
        `delete from seqpulse.late_looks where deployment_id = $1 and hours = $2 and ${inProject(3)}`,
        [deploymentId, hours, await shards.projectOf(deploymentId)],
      );
    },

    async insert({ deploymentId, hours }: LookKey, projectId: string, late: LateVerdict, at: Date): Promise<void> {
      await connection.query(
        `insert into seqpulse.late_checks (deployment_id, project_id, hours, verdict, confidence, summary, details, shape, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
          deploymentId,
          projectId,
          hours,
          late.verdict,
          late.confidence,
          late.summary,
          JSON.stringify(late.details),
          STORED_SHAPES.verdict,
          at,
        ],
      );
    },
  };
}

function toDue(row: DueRow): DueLook {
  return {
    dueAt: row.due_at,
    day: toDayBefore(row.day_before),
    projectId: row.project_id,
    env: row.env,
    startedAt: row.started_at,
    limits: toLimits(row.limits),
    isSuperseded: row.is_superseded,
    isTold: row.is_told,
  };
}

/** The checks `c` of the deployment `d`, the first one first, as one JSON; null: there is none. `more`: further conditions. */
export const selectLateChecks = (
  more: string,
) => `(select jsonb_agg(jsonb_build_object('hours', c.hours, 'verdict', c.verdict,
    'confidence', c.confidence, 'summary', c.summary, 'details', c.details,
    'at_ms', extract(epoch from c.created_at) * 1000) order by c.hours)
  from seqpulse.late_checks c where c.deployment_id = d.id${more})`;

export function toLateChecks(stored: unknown): LateCheckRow[] {
  return ((stored ?? []) as CheckJson[]).map(({ hours, verdict, confidence, summary, details, at_ms }) => ({
    hours,
    verdict,
    confidence,
    summary,
    details: toFindings(details),
    at: new Date(at_ms),
  }));
}
