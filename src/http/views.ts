import type { QuietTimesCheck } from '../baseline/quiet-times-check.ts';
import type { LifecycleDeps } from '../lifecycle/deps.ts';
import { verdictDueAt } from '../lifecycle/verdict-due.ts';
import type { DeploymentView, FailedReads, Feedback } from '../model/deployment.ts';
import type { Endpoint, Project } from '../model/project.ts';
import { numbersOf, type SampleFacts, type StoredSample } from '../model/sample.ts';
import type { FailedTest } from '../projects/endpoints.ts';
import { headlineOf } from '../report/headline.ts';
import type { FeedbackSummary, Marked } from '../verdict/precision.ts';
import type { Evidence, Hint, Judgement, Trust } from '../verdict/types.ts';
import { showLimits } from './limits.ts';

/** The wire shapes (docs/contract.md, What CI calls): they may gain fields, and lose or rename none. */

/** Digits that a figure of a verdict shows: far more than its noise, and none of 0.004000000000000001. */
const FIGURE_DIGITS = 6;
/** In every unit of a verdict (ms, requests/s, ratios) less than this is the arithmetic's own dust. */
const DUST = 1e-9;

function figure(value: number | null): number | null {
  if (value === null) return null;
  return Math.abs(value) < DUST ? 0 : Number(value.toPrecision(FIGURE_DIGITS));
}

const time = (date: Date | null): string | null => date?.toISOString() ?? null;

/** What a deployment's view needs beside the row. */
export interface ShowingDeps {
  readonly lifecycle: Pick<LifecycleDeps, 'now' | 'settings'>;
}

export function showDeployment({ lifecycle }: ShowingDeps, deployment: DeploymentView): object {
  const { before, after } = deployment.samples;
  return {
    id: deployment.id,
    number: deployment.number,
    project: deployment.project,
    env: deployment.env,
    branch: deployment.origin.branch,
    version: deployment.origin.version,
    commit_sha: deployment.origin.commitSha,
    commit_time: time(deployment.origin.commitTime),
    build_url: deployment.origin.buildUrl,
    actor: deployment.origin.actor,
    service: deployment.origin.service,
    state: deployment.state,
    pipeline_result: deployment.pipelineResult,
    pipeline_outcome: deployment.pipelineOutcome,
    started_at: time(deployment.startedAt),
    finished_at: time(deployment.finishedAt),
    analyzed_at: time(deployment.analyzedAt),
    superseded_by: deployment.supersededBy,
    observed_until: time(deployment.windowEndsAt),
    verdict_due_at: time(verdictDueAt(lifecycle.settings, deployment, lifecycle.now())),
    samples: { before, after },
    failed_reads: showFailedReads(deployment.failedReads),
    instances: deployment.facts.instances ?? null,
    traffic_share: deployment.facts.trafficShare ?? null,
    verdict: deployment.verdict === null ? null : showVerdict(deployment.verdict),
    feedback: deployment.feedback === null ? null : showFeedback(deployment.feedback),
  };
}

/** Tries, not readings: one that came through at the third counts two. */
function showFailedReads(failed: FailedReads | null): object {
  if (failed === null) return { tries: 0, last: null };
  const { phase, error, at } = failed.last;
  return { tries: failed.tries, last: { phase, error, at: time(at) } };
}

/** Field by field: jsonb does not keep the order, and people read this. */
export function showVerdict(given: Judgement & { readonly hints: readonly Hint[] }): object {
  const { verdict, confidence, summary, details, leftOut, trust, hints } = given;
  return {
    verdict,
    confidence,
    trust: trust === null ? null : showTrust(trust),
    headline: headlineOf({ verdict, details }),
    summary,
    hints: hints.map(showHint),
    details: details.map((finding) => ({
      metric: finding.metric,
      baseline: figure(finding.baseline),
      observed: figure(finding.observed),
      unit: finding.unit,
      severity: finding.severity,
      reason: finding.reason,
      evidence: showEvidence(finding.evidence),
    })),
    left_out: leftOut.map(({ phase, reason, count, text }) => ({ phase, reason, count, text })),
  };
}

function showHint({ kind, text, metrics, sinceMs, traceId }: Hint): object {
  return { kind, text, metrics, since: sinceMs === null ? null : new Date(sinceMs).toISOString(), trace_id: traceId };
}

/** What the confidence is worth. */
function showTrust({ interval, badShare, rightShare, noise, text }: Trust): object {
  return {
    interval: interval === null ? null : [figure(interval.low), figure(interval.high)],
    bad_share: figure(badShare),
    right_share: figure(rightShare),
    quiet_pairs: noise?.pairs ?? 0,
    text,
  };
}

function showEvidence(evidence: Evidence): object {
  return {
    rule: evidence.rule,
    change: figure(evidence.change),
    interval: evidence.interval === null ? null : [figure(evidence.interval.low), figure(evidence.interval.high)],
    expected: figure(evidence.expected ?? null),
    limit: figure(evidence.limit),
    threshold: figure(evidence.threshold),
    samples_beyond: evidence.samplesBeyond,
    strength: figure(evidence.strength),
    samples_before: evidence.samplesBefore,
    samples_after: evidence.samplesAfter,
    samples_without_requests: evidence.samplesWithoutRequests ?? 0,
    samples_missing: evidence.samplesMissing ?? {},
    own_noise: figure(evidence.ownNoise ?? null),
    below_limit: evidence.isSmall ?? false,
    alternative: evidence.alternative ?? null,
    not_judged: evidence.notJudged,
  };
}

export function showFeedback({ correct, note, givenAt }: Feedback): object {
  return { correct, note, given_at: time(givenAt) };
}

/** Precision of the alarms, over all verdicts that people marked. */
export function showFeedbackSummary(summary: FeedbackSummary): object {
  const { given, correct, byVerdict, precision, missed, recall, badShare } = summary;
  const marked = (one: Marked) => ({ given: one.given, correct: one.correct });
  return {
    given,
    correct,
    precision: precision?.value ?? null,
    precision_interval: precision === null ? null : [precision.low, precision.high],
    missed,
    recall: recall?.value ?? null,
    recall_interval: recall === null ? null : [recall.low, recall.high],
    bad_share: badShare,
    by_verdict: {
      ok: marked(byVerdict.ok),
      attention: marked(byVerdict.attention),
      rollback_recommended: marked(byVerdict.rollback_recommended),
      insufficient_data: marked(byVerdict.insufficient_data),
    },
  };
}

/** Times in which nothing happened, judged as if deployments lay between them. */
export function showQuietTimesCheck(checked: QuietTimesCheck): object {
  const { check } = checked;
  return {
    env: checked.env,
    from: time(checked.from),
    to: time(checked.to),
    samples: checked.samples,
    window: { samples_before: checked.countBefore, samples_after: checked.countAfter },
    pairs: check.pairs,
    skipped: check.skipped,
    skipped_for: check.skippedFor,
    alarms: check.alarms,
    rollbacks: check.rollbacks,
    alarm_share: check.alarmShare?.value ?? null,
    alarm_share_interval: check.alarmShare === null ? null : [check.alarmShare.low, check.alarmShare.high],
    by_metric: check.byMetric,
    examples: check.examples.map((alarm) => ({
      at: new Date(alarm.atMs).toISOString(),
      verdict: alarm.verdict,
      metrics: alarm.metrics,
      summary: alarm.summary,
    })),
  };
}

export function showSample(sample: StoredSample): object {
  return {
    phase: sample.phase,
    collected_at: new Date(sample.collectedAtMs).toISOString(),
    ...numbersOf(sample),
    ...(sample.missing === undefined ? {} : { missing: sample.missing }),
    ...showFacts(sample),
  };
}

/** What few sources know is only there where it is known. */
function showFacts({ windowSeconds, latencyMean, latencyBucket, cpuCores }: SampleFacts): object {
  return {
    ...(windowSeconds === undefined ? {} : { window_seconds: windowSeconds }),
    ...(latencyMean === undefined ? {} : { latency_mean: figure(latencyMean) }),
    ...(latencyBucket === undefined ? {} : { latency_p95_bucket: [latencyBucket.low, latencyBucket.high] }),
    ...(cpuCores === undefined ? {} : { cpu_cores: figure(cpuCores) }),
  };
}

/**
 * A failed test stands first in the answer to a new project, with what to set: only operators see it, so the addresses
 * that were met may be named.
 */
export function showFailedTest(failed: FailedTest | null): object {
  if (failed === null) return {};
  const { refusal, refusedAddresses } = failed;
  const allow = refusedAddresses.map((address) => `${address}/${address.includes(':') ? 128 : 32}`).join(',');
  const next =
    allow === ''
      ? 'Then test it: POST /projects/{id}/endpoint/test.'
      : `Its host is ${refusedAddresses.join(', ')}: start SeqPulse with SEQPULSE_TARGET_ALLOW=${allow} (beside what it names already), then POST /projects/{id}/endpoint/test.`;
  return { message: `The project is there, its metrics endpoint is not active yet. ${refusal.detail} ${next}` };
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
    ...showLimits(project.limits),
    created_at: time(project.createdAt),
  };
}
