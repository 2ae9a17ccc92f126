import type {
  DeploymentFilter,
  DeploymentState,
  DeploymentView,
  PipelineOutcome,
  PipelineResult,
  PreliminaryRow,
  ReadingSpan,
  StartedBy,
  VerdictRow,
} from '../../model/deployment.ts';
import type { BaselineSource } from '../../model/level.ts';
import type { Queryable } from '../connection/pool.ts';
import { type FailedReadsRow, toFailedReads } from '../failed-reads.ts';
import { selectLateChecks, toLateChecks } from '../late-checks.ts';
import { inProject, type Shards } from '../shards/shards.ts';
import { toLimits } from '../stored-shapes.ts';
import { type FactsRow, toFacts } from './rows.ts';
import { toFindings, toHints, toLeftOut, toOthers, toTrust } from './stored-verdict.ts';

interface ViewRow extends FactsRow, FailedReadsRow {
  id: string;
  project_id: string;
  number: number;
  project: string;
  env: string;
  idempotency_key: string | null;
  branch: string | null;
  state: DeploymentState;
  pipeline_result: PipelineResult | null;
  pipeline_outcome: PipelineOutcome | null;
  version: string | null;
  commit_sha: string | null;
  commit_time: Date | null;
  build_url: string | null;
  actor: string | null;
  service: string | null;
  origin: StartedBy;
  started_at: Date;
  finished_at: Date | null;
  analyzed_at: Date | null;
  superseded_by: string | null;
  window_ends_at: Date | null;
  pre_expected: number;
  post_expected: number;
  baseline_count: number;
  baseline_from: Date | null;
  baseline_until: Date | null;
  baseline_source: BaselineSource;
  baseline_note: string | null;
  good_since_id: string | null;
  good_since_number: number | null;
  pre_collected: number;
  pre_from: Date | null;
  pre_until: Date | null;
  limits: unknown;
  post_collected: number;
  verdict: VerdictRow['verdict'] | null;
  confidence: number;
  summary: string;
  /** jsonb, of any age: stored-verdict.ts. */
  details: unknown;
  left_out: unknown;
  trust: unknown;
  hints: unknown;
  others: unknown;
  early_verdict: 'rollback_recommended' | null;
  early_confidence: number;
  early_summary: string;
  early_details: unknown;
  early_minute: number;
  early_at: Date;
  early_outcome: PreliminaryRow['outcome'];
  late: unknown;
  correct: boolean | null;
  note: string | null;
  given_at: Date;
}

/**
 * @param shard the project that all rows are of, as a parameter: for tables that are distributed by project. null: whosever they are
 */
const selectView = (shard: string | null) => `
  select d.id, d.project_id, d.number, p.name as project, d.env, d.idempotency_key, d.branch, d.state, d.pipeline_result,
         coalesce(d.pipeline_outcome, d.pipeline_result) as pipeline_outcome, d.version, d.commit_sha, d.commit_time,
         d.build_url, d.actor, d.service, d.origin, d.started_at, d.finished_at, d.analyzed_at, d.superseded_by,
         d.window_ends_at, d.pre_expected, coalesce(d.post_expected, p.observation_window_minutes) as post_expected,
         kept.baseline_count, kept.baseline_from, kept.baseline_until, d.baseline_source, d.baseline_note,
         good.id as good_since_id, good.number as good_since_number,
         pre.pre_collected, pre.pre_from, pre.pre_until, p.limits,
         (select count(*) from seqpulse.samples s
          where s.deployment_id = d.id and s.phase = 'post'${onShard(shard, 's')})::integer as post_collected,
         v.verdict, v.confidence, v.summary, v.details, v.left_out,
         v.trust, v.hints, v.others, r.tries as failed_tries, r.last_phase, r.last_error, r.last_error_at, d.instances_before, d.instances_after, d.traffic_share,
         e.verdict as early_verdict, e.confidence as early_confidence, e.summary as early_summary, e.details as early_details,
         e.minute as early_minute, e.created_at as early_at, e.outcome as early_outcome,
         ${selectLateChecks(onShard(shard, 'c'))} as late,
         f.correct, f.note, f.given_at
  from seqpulse.deployments d
  join seqpulse.projects p on p.id = d.project_id
  left join seqpulse.deployments good on good.id = d.baseline_good_since and good.project_id = d.project_id
  cross join lateral (
    select count(*)::integer as baseline_count, min(at) as baseline_from, max(at) as baseline_until
    from seqpulse.deployment_baselines b, unnest(b.collected_at) at where b.deployment_id = d.id${onShard(shard, 'b')}) kept
  cross join lateral (
    select count(*)::integer as pre_collected, min(collected_at) as pre_from, max(collected_at) as pre_until
    from seqpulse.samples s where s.deployment_id = d.id and s.phase = 'pre'${onShard(shard, 's')}) pre
  left join seqpulse.verdicts v on v.deployment_id = d.id
  left join seqpulse.preliminary_verdicts e on e.deployment_id = d.id
  left join seqpulse.failed_reads r on r.deployment_id = d.id
  left join seqpulse.verdict_feedback f on f.deployment_id = d.id`;

function onShard(shard: string | null, table: string): string {
  return shard === null ? '' : ` and ${table}.project_id = ${shard}`;
}

const SELECT_VIEW = selectView(null);

export function createDeploymentReads(connection: Queryable, shards: Shards) {
  const ofProject = (parameter: string) => (shards.distributed ? selectView(parameter) : SELECT_VIEW);
  return {
    /** `projectId` null: whichever project it belongs to. */
    async find(id: string, projectId: string | null): Promise<DeploymentView | null> {
      const { rows } = await connection.query<ViewRow>(`${ofProject('$2')} where d.id = $1 and ${inProject(2, 'd.')}`, [
        id,
        projectId ?? (await shards.projectOf(id)),
      ]);
      return rows[0] === undefined ? null : toView(rows[0]);
    },

    /** By id, whichever project they belong to; none for those that are gone. */
    async findMany(ids: readonly string[]): Promise<ReadonlyMap<string, DeploymentView>> {
      const { rows } = await connection.query<ViewRow>(`${SELECT_VIEW} where d.id = any($1::uuid[])`, [ids]);
      return new Map(rows.map((row) => [row.id, toView(row)]));
    },

    /** When a project's deployment of this number started; null: there is none. */
    async startOf(projectId: string, number: number): Promise<Date | null> {
      const { rows } = await connection.query<{ started_at: Date }>(
        'select started_at from seqpulse.deployments where project_id = $1 and number = $2',
        [projectId, number],
      );
      return rows[0]?.started_at ?? null;
    },

    /** Those of these that have come to their end. */
    async findEnded(ids: readonly string[]): Promise<string[]> {
      const { rows } = await connection.query<{ id: string }>(
        `select id from seqpulse.deployments where id = any($1::uuid[]) and state in ('analyzed', 'abandoned')`,
        [ids],
      );
      return rows.map(({ id }) => id);
    },

    /** Newest first. The WHERE is put together from what is set, so that each form meets its own index. */
    async list(filter: DeploymentFilter): Promise<DeploymentView[]> {
      const values: unknown[] = [filter.limit];
      const conditions: string[] = [];
      let view = SELECT_VIEW;
      if (filter.projectId !== null) {
        const project = `$${values.push(filter.projectId)}`;
        conditions.push(`d.project_id = ${project}`);
        view = ofProject(project);
      }
      if (filter.env !== null) conditions.push(`d.env = $${values.push(filter.env)}`);
      if (filter.verdict !== null) conditions.push(`v.verdict = $${values.push(filter.verdict)}`);
      if (filter.failedMetric != null) {
        conditions.push(`v.verdict in ('attention', 'rollback_recommended') and exists (
          select from jsonb_array_elements(v.details) as f
          where f ->> 'metric' = $${values.push(filter.failedMetric)} and f ->> 'severity' <> 'none')`);
      }
      if (filter.after !== null) {
        conditions.push(
          `(d.started_at, d.id) < ($${values.push(filter.after.at)}, $${values.push(filter.after.id)}::uuid)`,
        );
      }
      const where = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
      const { rows } = await connection.query<ViewRow>(
        `${view} ${where} order by d.started_at desc, d.id desc limit $1`,
        values,
      );
      return rows.map(toView);
    },
  };
}

function toView(row: ViewRow): DeploymentView {
  return {
    id: row.id,
    projectId: row.project_id,
    number: row.number,
    project: row.project,
    env: row.env,
    idempotencyKey: row.idempotency_key,
    origin: {
      branch: row.branch,
      version: row.version,
      commitSha: row.commit_sha,
      commitTime: row.commit_time,
      buildUrl: row.build_url,
      actor: row.actor,
      service: row.service,
    },
    startedBy: row.origin,
    state: row.state,
    pipelineResult: row.pipeline_result,
    pipelineOutcome: row.pipeline_outcome,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    analyzedAt: row.analyzed_at,
    supersededBy: row.superseded_by,
    windowEndsAt: row.window_ends_at,
    samples: {
      before: {
        expected: row.baseline_count + row.pre_expected,
        collected: row.baseline_count + row.pre_collected,
      },
      after: { expected: row.post_expected, collected: row.post_collected },
    },
    failedReads: toFailedReads(row),
    baseline: {
      source: row.baseline_source,
      note: row.baseline_note,
      kept: toSpan(row.baseline_from, row.baseline_until, row.baseline_count),
      read: toSpan(row.pre_from, row.pre_until, row.pre_collected),
      goodSince:
        row.good_since_id === null || row.good_since_number === null
          ? null
          : { id: row.good_since_id, number: row.good_since_number },
    },
    limits: toLimits(row.limits),
    facts: toFacts(row),
    verdict:
      row.verdict === null
        ? null
        : {
            verdict: row.verdict,
            confidence: row.confidence,
            summary: row.summary,
            details: toFindings(row.details),
            leftOut: toLeftOut(row.left_out),
            trust: toTrust(row.trust),
            hints: toHints(row.hints),
            others: toOthers(row.others),
          },
    preliminary:
      row.early_verdict === null
        ? null
        : {
            verdict: row.early_verdict,
            confidence: row.early_confidence,
            summary: row.early_summary,
            details: toFindings(row.early_details),
            minute: row.early_minute,
            at: row.early_at,
            outcome: row.early_outcome,
          },
    lateChecks: toLateChecks(row.late),
    feedback: row.correct === null ? null : { correct: row.correct, note: row.note, givenAt: row.given_at },
  };
}

function toSpan(from: Date | null, until: Date | null, count: number): ReadingSpan | null {
  return from === null || until === null ? null : { from, until, count };
}
