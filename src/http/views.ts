import { baselineSpan } from '../baseline/evidence.ts';
import type { LifecycleDeps } from '../lifecycle/deps.ts';
import { verdictDueAt } from '../lifecycle/verdict-due.ts';
import type { DeploymentView, FailedReads, Feedback, PreliminaryRow } from '../model/deployment.ts';
import { numbersOf, type SampleFacts, type StoredSample } from '../model/sample.ts';
import { headlineOf } from '../report/headline.ts';
import type { CustomValues } from '../verdict/custom/custom-metric.ts';
import type { BesideOthers } from '../verdict/others/beside-others.ts';
import type { Hint, Judgement, Trust } from '../verdict/types.ts';
import { figure, showFinding } from './finding-view.ts';
import { showLimits } from './limits.ts';
import { showOthers } from './others-view.ts';
import { type ReportLinks, reportUrl } from './pages/report-links.ts';
import type { Caller } from './request.ts';

/** The wire shapes (docs/contract.md, What CI calls): they may gain fields, and lose or rename none. */

const time = (date: Date | null): string | null => date?.toISOString() ?? null;

/** What a deployment's view needs beside the row. */
export interface ShowingDeps {
  readonly lifecycle: Pick<LifecycleDeps, 'now' | 'settings'>;
  readonly pages: ReportLinks;
}

/** Who will see it: no more than that is told. */
type Viewer = Pick<Caller, 'kind'>;

/** A deployment in a list: what it is and what became of it, without what its verdict rests on. */
export function showSummary({ lifecycle, pages }: ShowingDeps, deployment: DeploymentView, viewer: Viewer): object {
  const { verdict, feedback } = deployment;
  return {
    ...showFacing(deployment),
    verdict:
      verdict === null
        ? null
        : {
            verdict: verdict.verdict,
            confidence: verdict.confidence,
            headline: headlineOf({ verdict: verdict.verdict, details: verdict.details }),
          },
    feedback: feedback === null ? null : showFeedback(feedback),
    html_url: reportUrl(pages, deployment.id, lifecycle.now(), viewer.kind === 'project'),
  };
}

/**
 * @param viewer whoever can't sign in, such as CI, is given the report's signed link; who may see all projects, the names of others.
 */
export function showDeployment({ lifecycle, pages }: ShowingDeps, deployment: DeploymentView, viewer: Viewer): object {
  const nowMs = lifecycle.now();
  const { before, after } = deployment.samples;
  return {
    ...showFacing(deployment),
    verdict_due_at: time(verdictDueAt(lifecycle.settings, deployment, nowMs)),
    samples: { before, after },
    baseline: showBaseline(deployment),
    failed_reads: showFailedReads(deployment.failedReads),
    limits: isObserved(deployment) ? showLimits(deployment.limits).limits : null,
    instances: deployment.facts.instances ?? null,
    traffic_share: deployment.facts.trafficShare ?? null,
    verdict: deployment.verdict === null ? null : showVerdict(deployment.verdict, viewer),
    preliminary: deployment.preliminary === null ? null : showPreliminary(deployment.preliminary),
    late_checks: deployment.lateChecks.map((check) => ({ ...check, details: check.details.map(showFinding) })),
    feedback: deployment.feedback === null ? null : showFeedback(deployment.feedback),
    html_url: reportUrl(pages, deployment.id, nowMs, viewer.kind === 'project'),
  };
}

/** Which one it is, and how far it has come. */
function showFacing(deployment: DeploymentView) {
  return {
    id: deployment.id,
    number: deployment.number,
    project: deployment.project,
    env: deployment.env,
    idempotency_key: deployment.idempotencyKey,
    branch: deployment.origin.branch,
    version: deployment.origin.version,
    commit_sha: deployment.origin.commitSha,
    commit_time: time(deployment.origin.commitTime),
    build_url: deployment.origin.buildUrl,
    actor: deployment.origin.actor,
    service: deployment.origin.service,
    origin: deployment.startedBy,
    state: deployment.state,
    pipeline_result: deployment.pipelineResult,
    pipeline_outcome: deployment.pipelineOutcome,
    started_at: time(deployment.startedAt),
    finished_at: time(deployment.finishedAt),
    analyzed_at: time(deployment.analyzedAt),
    superseded_by: deployment.supersededBy,
    observed_until: time(deployment.windowEndsAt),
  };
}

/** Until its verdict is there: those are the limits that it will be judged by. */
const isObserved = ({ state }: DeploymentView): boolean => state === 'running' || state === 'finished';

function showBaseline({ baseline, startedAt }: DeploymentView): object {
  const span = baselineSpan(baseline, startedAt);
  return {
    source: baseline.source,
    from: time(span?.from ?? null),
    until: time(span?.until ?? null),
    samples: span?.count ?? 0,
    good_since: baseline.goodSince,
    note: baseline.note,
  };
}

/** Tries, not readings: one that came through at the third counts two. */
function showFailedReads(failed: FailedReads | null): object {
  if (failed === null) return { tries: 0, last: null };
  const { phase, error, at } = failed.last;
  return { tries: failed.tries, last: { phase, error, at: time(at) } };
}

/** Field by field: jsonb does not keep the order, and people read this. */
export function showVerdict(
  given: Judgement & { readonly hints: readonly Hint[]; readonly others?: BesideOthers | null },
  viewer: Viewer,
): object {
  const { verdict, confidence, summary, leftOut, trust, hints, others = null } = given;
  const details = given.details.map(showFinding);
  return {
    verdict,
    confidence,
    trust: trust === null ? null : showTrust(trust),
    headline: headlineOf({ verdict, details }),
    summary,
    others: others === null ? null : showOthers(others, viewer.kind === 'operator'),
    hints: hints.map(showHint),
    details,
    left_out: leftOut.map(({ phase, reason, count, text }) => ({ phase, reason, count, text })),
  };
}

function showPreliminary({ verdict, confidence, summary, details, at, minute, outcome }: PreliminaryRow): object {
  return { verdict, confidence, summary, details: details.map(showFinding), at: time(at), minute, outcome };
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

export function showFeedback({ correct, note, givenAt }: Feedback): object {
  return { correct, note, given_at: time(givenAt) };
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
function showFacts({ versions, control, custom, ...measured }: SampleFacts): object {
  return {
    ...showMeasured(measured),
    ...(custom === undefined ? {} : showCustom(custom)),
    ...(versions === undefined ? {} : { versions }),
    ...(control === undefined ? {} : { control: { ...control.numbers, ...showFacts(control) } }),
  };
}

/** A metric of the team's own: its number; why it has none; events behind it, where its source counts them. */
function showCustom(custom: CustomValues): object {
  const read = Object.entries(custom);
  const reasons = read.flatMap(([name, { value, reason = 'not_measured' }]) =>
    value === null ? [[name, reason]] : [],
  );
  const events = read.flatMap(([name, one]) => (one.events === undefined ? [] : [[name, figure(one.events)]]));
  return {
    custom: Object.fromEntries(read.map(([name, { value }]) => [name, figure(value)])),
    ...(reasons.length === 0 ? {} : { custom_missing: Object.fromEntries(reasons) }),
    ...(events.length === 0 ? {} : { custom_events: Object.fromEntries(events) }),
  };
}

function showMeasured({ windowSeconds, requests, latencyMean, latencyBucket, cpuCores }: SampleFacts): object {
  return {
    ...(windowSeconds === undefined ? {} : { window_seconds: windowSeconds }),
    ...(requests === undefined ? {} : { requests: figure(requests) }),
    ...(latencyMean === undefined ? {} : { latency_mean: figure(latencyMean) }),
    ...(latencyBucket === undefined ? {} : { latency_p95_bucket: [latencyBucket.low, latencyBucket.high] }),
    ...(cpuCores === undefined ? {} : { cpu_cores: figure(cpuCores) }),
  };
}
