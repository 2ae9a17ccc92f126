import type { DeploymentView } from '../db/deployment-reads.ts';
import type { Endpoint } from '../db/endpoints.ts';
import type { Project } from '../db/projects.ts';
import type { StoredSample } from '../db/samples.ts';
import type { VerdictRow } from '../db/verdicts.ts';
import type { Evidence } from '../verdict/types.ts';

/** The wire shapes of the contract (product.md §3, §4). */

const time = (date: Date | null): string | null => date?.toISOString() ?? null;

export function showDeployment(deployment: DeploymentView): object {
  return {
    id: deployment.id,
    number: deployment.number,
    project: deployment.project,
    env: deployment.env,
    branch: deployment.branch,
    state: deployment.state,
    pipeline_result: deployment.pipelineResult,
    started_at: time(deployment.startedAt),
    finished_at: time(deployment.finishedAt),
    analyzed_at: time(deployment.analyzedAt),
    superseded_by: deployment.supersededBy,
    verdict: deployment.verdict === null ? null : showVerdict(deployment.verdict),
  };
}

/** Field by field: jsonb does not keep the order, and people read this. */
function showVerdict({ verdict, confidence, summary, details, leftOut }: VerdictRow): object {
  return {
    verdict,
    confidence,
    summary,
    details: details.map((finding) => ({
      metric: finding.metric,
      baseline: finding.baseline,
      observed: finding.observed,
      unit: finding.unit,
      severity: finding.severity,
      reason: finding.reason,
      evidence: showEvidence(finding.evidence),
    })),
    left_out: leftOut.map(({ phase, reason, count, text }) => ({ phase, reason, count, text })),
  };
}

function showEvidence(evidence: Evidence): object {
  return {
    rule: evidence.rule,
    change: evidence.change,
    interval: evidence.interval === null ? null : [evidence.interval.low, evidence.interval.high],
    limit: evidence.limit,
    threshold: evidence.threshold,
    samples_beyond: evidence.samplesBeyond,
    strength: evidence.strength,
    samples_before: evidence.samplesBefore,
    samples_after: evidence.samplesAfter,
    not_judged: evidence.notJudged,
  };
}

export function showSample(sample: StoredSample): object {
  return {
    phase: sample.phase,
    collected_at: new Date(sample.collectedAtMs).toISOString(),
    requests_per_sec: sample.requests_per_sec,
    latency_p95: sample.latency_p95,
    error_rate: sample.error_rate,
    cpu_usage: sample.cpu_usage,
    memory_usage: sample.memory_usage,
  };
}

export function showEndpoint(endpoint: Endpoint): object {
  return {
    env: endpoint.env,
    candidate_url: endpoint.candidateUrl,
    active_url: endpoint.activeUrl,
    last_tested_at: time(endpoint.lastTestedAt),
    last_test_error: endpoint.lastTestError,
  };
}

export function showProject(project: Project, endpoints: readonly Endpoint[]): object {
  return {
    id: project.id,
    name: project.name,
    envs: project.envs,
    metrics_endpoint: endpoints.find((endpoint) => endpoint.env === null)?.activeUrl ?? null,
    endpoints: endpoints.map(showEndpoint),
    observation_window_minutes: project.observationWindowMinutes,
    finish_deadline_minutes: project.finishDeadlineMinutes,
    baseline: project.baseline,
    hmac_enabled: project.hmacEnabled,
    created_at: time(project.createdAt),
  };
}
