import type {
  AnalysisContext,
  CollectionEnd,
  DeploymentState,
  PipelineOutcome,
  PipelineResult,
} from '../../model/deployment.ts';
import type { BaselineSource } from '../../model/level.ts';
import type { CustomMetric } from '../../verdict/custom/custom-metric.ts';
import { type FailedReadsRow, toFailedReads } from '../failed-reads.ts';
import { toSettings } from '../stored-settings.ts';
import { toLimits } from '../stored-shapes.ts';
import { type FactsRow, toFacts } from './rows.ts';

export interface AnalysisRow extends FactsRow, FailedReadsRow {
  project_id: string;
  env: string;
  state: DeploymentState;
  pipeline_result: PipelineResult | null;
  pre_expected: number;
  post_expected: number | null;
  post_settled: number;
  finished_at: Date | null;
  window_ends_at: Date | null;
  collection_ended: CollectionEnd | null;
  limits: unknown;
  settings: unknown;
  started_at: Date;
  baseline_source: BaselineSource;
  baseline_note: string | null;
  trace_parent: string | null;
  project: string;
  number: number;
  branch: string | null;
  version: string | null;
  commit_sha: string | null;
  build_url: string | null;
  service: string | null;
  pipeline_outcome: PipelineOutcome | null;
}

export const SELECT_ANALYSIS = `
  select d.project_id, d.env, d.state, d.pipeline_result, d.pre_expected, d.post_expected, d.post_settled,
         d.finished_at, d.window_ends_at, d.collection_ended, p.limits, d.started_at, d.baseline_source, d.baseline_note,
         (select s.settings from seqpulse.source_settings s
          where s.project_id = d.project_id and s.identity = d.metrics_endpoint) as settings,
         d.instances_before, d.instances_after, d.traffic_share, d.trace_parent,
         p.name as project, d.number, d.branch, d.version, d.commit_sha, d.build_url, d.service,
         coalesce(d.pipeline_outcome, d.pipeline_result) as pipeline_outcome,
         r.tries as failed_tries, r.last_phase, r.last_error, r.last_error_at
  from seqpulse.deployments d join seqpulse.projects p on p.id = d.project_id
  left join seqpulse.failed_reads r on r.deployment_id = d.id`;

export function toAnalysisContext(row: AnalysisRow): AnalysisContext {
  return {
    projectId: row.project_id,
    env: row.env,
    state: row.state,
    pipelineResult: row.pipeline_result,
    preExpected: row.pre_expected,
    postExpected: row.post_expected ?? 0,
    postSettled: row.post_settled,
    finishedAt: row.finished_at,
    windowEndsAt: row.window_ends_at,
    collectionEnded: row.collection_ended,
    limits: toLimits(row.limits),
    custom: customOf(row.settings),
    startedAt: row.started_at,
    baselineSource: row.baseline_source,
    baselineNote: row.baseline_note,
    facts: toFacts(row),
    traceParent: row.trace_parent,
    failedReads: toFailedReads(row),
    identity: {
      project: row.project,
      number: row.number,
      origin: {
        branch: row.branch,
        version: row.version,
        commitSha: row.commit_sha,
        buildUrl: row.build_url,
        service: row.service,
      },
      pipelineOutcome: row.pipeline_outcome,
    },
  };
}

function customOf(stored: unknown): readonly CustomMetric[] {
  const settings = toSettings(stored);
  return settings !== null && 'custom' in settings ? (settings.custom ?? []) : [];
}
