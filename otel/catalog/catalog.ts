import { JOB_TYPES } from '../../src/model/job.ts';
import { CHANNEL_KINDS, SENDING_OUTCOMES } from '../../src/model/notification.ts';
import { PHASES } from '../../src/model/sample.ts';
import { ANALYSIS_OUTCOMES, LATE_CHECK_OUTCOMES, SCOPE_NAME, TARGET_OUTCOMES } from '../../src/model/telemetry.ts';
import { CUSTOM, METRICS, VERDICTS } from '../../src/verdict/types.ts';
import type { Label, Metric } from './metric.ts';
import { runtimeMetrics } from './runtime.ts';

/** The methods that semantic conventions name; every other one is `_OTHER`, so that callers cannot invent series. */
export const HTTP_METHODS = [
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'QUERY',
  'TRACE',
  '_OTHER',
] as const;

const method: Label = {
  name: 'method',
  attribute: 'http.request.method',
  values: HTTP_METHODS,
  otherwise: '_OTHER',
};
const path: Label = {
  name: 'path',
  attribute: 'http.route',
  values: 'route template',
  missing: '__unmatched__',
};

const productMetrics = {
  httpRequests: {
    name: 'seqpulse_http_requests_total',
    kind: 'counter',
    unit: '{request}',
    description: 'HTTP requests answered, by route template; /metrics itself is not counted.',
    labels: [method, path, { name: 'status_code', attribute: 'http.response.status_code', values: 'HTTP status code' }],
    recordedAs: { meter: SCOPE_NAME, instrument: 'seqpulse.http.requests' },
    // About 30 routes × the 11 methods a scanner may try (405 each) × the few statuses a route has.
    seriesLimit: 2000,
  },
  httpRequestDuration: {
    name: 'seqpulse_http_request_duration_seconds',
    kind: 'histogram',
    unit: 's',
    description: 'Time from the request to its answer; /metrics itself is not counted.',
    labels: [method, path],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5],
    recordedAs: { meter: SCOPE_NAME, instrument: 'http.server.request.duration' },
    convention: {
      attributes: ['http.request.method', 'http.route', 'http.response.status_code', 'url.scheme', 'error.type'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    },
    // About 30 routes × 11 methods; each label set is 13 lines of a scrape.
    seriesLimit: 500,
  },
  jobsPending: {
    name: 'seqpulse_scheduler_jobs_pending',
    kind: 'gauge',
    unit: '{job}',
    description:
      'Collects and analyses waiting, due or not yet due, in the whole database: take max over replicas, not sum. Absent while the database cannot be asked.',
    labels: [],
    recordedAs: { meter: SCOPE_NAME, instrument: 'seqpulse.scheduler.jobs.pending' },
  },
  jobsOverdue: {
    name: 'seqpulse_scheduler_jobs_overdue',
    kind: 'gauge',
    unit: '{job}',
    description: 'Of the pending jobs, those due more than 30 s ago: what an alert should look at.',
    labels: [],
    recordedAs: { meter: SCOPE_NAME, instrument: 'seqpulse.scheduler.jobs.overdue' },
  },
  jobsFailed: {
    name: 'seqpulse_scheduler_jobs_failed_total',
    kind: 'counter',
    unit: '{job}',
    description: 'Jobs that gave up for good, counted after the database recorded it.',
    labels: [],
    recordedAs: { meter: SCOPE_NAME, instrument: 'seqpulse.scheduler.jobs.failed' },
  },
  jobStartDelay: {
    name: 'seqpulse_scheduler_job_start_delay_seconds',
    kind: 'histogram',
    unit: 's',
    description: 'How long after its due time a job started.',
    labels: [{ name: 'job_type', attribute: 'seqpulse.job.type', values: JOB_TYPES }],
    buckets: [0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600],
    recordedAs: { meter: SCOPE_NAME, instrument: 'seqpulse.scheduler.job.start_delay' },
  },
  metricsCollected: {
    name: 'seqpulse_metrics_collected_total',
    kind: 'counter',
    unit: '{sample}',
    description: 'Samples of observed applications stored, before and after their deployment.',
    labels: [{ name: 'phase', attribute: 'seqpulse.sample.phase', values: PHASES }],
    recordedAs: { meter: SCOPE_NAME, instrument: 'seqpulse.metrics.collected' },
  },
  baselineSamples: {
    name: 'seqpulse_baseline_samples_total',
    kind: 'counter',
    unit: '{sample}',
    description: 'Samples of observed applications stored between deployments, for the baseline kept ready.',
    labels: [],
    recordedAs: { meter: SCOPE_NAME, instrument: 'seqpulse.baseline.samples' },
  },
  analysisDuration: {
    name: 'seqpulse_analysis_duration_seconds',
    kind: 'histogram',
    unit: 's',
    description: 'Time an analysis took, by what came of it.',
    labels: [{ name: 'outcome', attribute: 'seqpulse.analysis.outcome', values: ANALYSIS_OUTCOMES }],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10],
    recordedAs: { meter: SCOPE_NAME, instrument: 'seqpulse.analysis.duration' },
  },
  analysisVerdicts: {
    name: 'seqpulse_analysis_verdict_total',
    kind: 'counter',
    unit: '{verdict}',
    description: 'Verdicts stored.',
    labels: [{ name: 'verdict', attribute: 'seqpulse.verdict.name', values: VERDICTS }],
    recordedAs: { meter: SCOPE_NAME, instrument: 'seqpulse.analysis.verdict' },
  },
  analysisFailedMetrics: {
    name: 'seqpulse_analysis_failed_metric_total',
    kind: 'counter',
    unit: '{metric}',
    description: 'Which metric of the observed application was behind a verdict, and whether it was critical.',
    labels: [
      { name: 'metric', attribute: 'seqpulse.metric.name', values: [...METRICS, CUSTOM] },
      { name: 'critical', attribute: 'seqpulse.metric.critical', values: ['true', 'false'] },
    ],
    recordedAs: { meter: SCOPE_NAME, instrument: 'seqpulse.analysis.failed_metric' },
  },
  verdictFeedback: {
    name: 'seqpulse_verdict_feedback_total',
    kind: 'counter',
    unit: '{feedback}',
    description: 'Verdicts that people marked as correct or not, once for each change of mind.',
    labels: [
      { name: 'verdict', attribute: 'seqpulse.verdict.name', values: VERDICTS },
      { name: 'correct', attribute: 'seqpulse.feedback.correct', values: ['true', 'false'] },
    ],
    recordedAs: { meter: SCOPE_NAME, instrument: 'seqpulse.verdict.feedback' },
  },
  lateChecks: {
    name: 'seqpulse_late_checks_total',
    kind: 'counter',
    unit: '{check}',
    description: 'Second looks at an ok verdict, an hour and a day later, by what they said.',
    labels: [
      { name: 'hours', attribute: 'seqpulse.late_check.hours', values: ['1', '24'] },
      { name: 'verdict', attribute: 'seqpulse.verdict.name', values: LATE_CHECK_OUTCOMES },
    ],
    recordedAs: { meter: SCOPE_NAME, instrument: 'seqpulse.late_checks' },
  },
  notifications: {
    name: 'seqpulse_notifications_total',
    kind: 'counter',
    unit: '{attempt}',
    description:
      'Attempts to send a message to people: delivered, failed (it is tried again), or given up (the last try failed).',
    labels: [
      { name: 'channel', attribute: 'seqpulse.notification.channel', values: CHANNEL_KINDS },
      { name: 'outcome', attribute: 'seqpulse.notification.outcome', values: SENDING_OUTCOMES },
    ],
    recordedAs: { meter: SCOPE_NAME, instrument: 'seqpulse.notifications' },
  },
  analysisLastOutcome: {
    name: 'seqpulse_analysis_last_outcome_timestamp_seconds',
    kind: 'gauge',
    unit: 's',
    description: 'When this process last saw the outcome, in Unix time; absent until it has.',
    labels: [{ name: 'outcome', attribute: 'seqpulse.analysis.outcome', values: ANALYSIS_OUTCOMES }],
    recordedAs: { meter: SCOPE_NAME, instrument: 'seqpulse.analysis.last_outcome.timestamp' },
  },
  targetRequestDuration: {
    name: 'seqpulse_target_request_duration_seconds',
    kind: 'histogram',
    unit: 's',
    description: 'Time one read of an observed application took, by what came of it.',
    labels: [{ name: 'outcome', attribute: 'seqpulse.target.outcome', values: TARGET_OUTCOMES }],
    // A read is given 5 s in all: the bucket above 5 keeps its timeouts apart from slow successes.
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10],
    recordedAs: { meter: SCOPE_NAME, instrument: 'seqpulse.target.request.duration' },
  },
  clockOffset: {
    name: 'seqpulse_clock_offset_seconds',
    kind: 'gauge',
    unit: 's',
    description:
      'How far the database’s clock is ahead of this process’ own; below 0 it is behind. Absent while that is unknown.',
    labels: [],
    recordedAs: { meter: SCOPE_NAME, instrument: 'seqpulse.clock.offset' },
  },
} as const satisfies Record<string, Metric>;

/**
 * Every metric of the service: the single source for instruments, views, docs/metrics.md, dashboards and tests.
 * What is not in here is not exported. Renaming a metric or a label breaks dashboards and alerts that exist elsewhere.
 */
export const catalog = { ...productMetrics, ...runtimeMetrics };

export const allMetrics: readonly Metric[] = Object.values(catalog);
