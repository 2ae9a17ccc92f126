import type { QuietTimesCheck } from '../baseline/quiet-times-check.ts';
import type { EnvironmentReads } from '../model/environment.ts';
import type { Endpoint, Project } from '../model/project.ts';
import type { FailedTest } from '../projects/endpoints.ts';
import type { FeedbackSummary, Marked } from '../verdict/precision.ts';
import { showLimits } from './limits.ts';

/** The wire shapes of projects (docs/api.md): they may gain fields, and lose or rename none. */

const time = (date: Date | null): string | null => date?.toISOString() ?? null;

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

/** A project as its key sees it: nothing of where it is read, which is the operators'. */
export function showOwnProject(project: Project, environments: readonly EnvironmentReads[]): object {
  return {
    id: project.id,
    name: project.name,
    envs: project.envs,
    environments: environments.map(({ env, sourceKind, lastReadAt, reading, lastError }) => ({
      env,
      source_active: sourceKind !== null,
      source_type: sourceKind,
      last_read_at: time(lastReadAt),
      last_reading: reading === null ? null : { collected_at: time(reading.at), ...reading.numbers },
      last_error: lastError === null ? null : { error: lastError.error, at: time(lastError.at) },
    })),
    observation_window_minutes: project.observationWindowMinutes,
    finish_deadline_minutes: project.finishDeadlineMinutes,
    baseline: project.baseline,
    hmac_enabled: project.hmacEnabled,
    ...showLimits(project.limits),
  };
}
