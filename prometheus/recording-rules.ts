import { catalog } from '../otel/catalog/catalog.ts';
import { BURN_RATES, LIMITS, SELECTORS } from './limits.ts';
import { byEnvironment, type RecordingRule, type RuleGroup, ratio, series } from './rule.ts';

const { businessRoutes, serverError, failedRead } = SELECTORS;

/** Names of the recorded series; each has the label `environment` alone. */
export const RECORDED = {
  latencyP95: `environment:seqpulse_http_request_duration_seconds:p95_rate${LIMITS.httpLatencyP95.window}`,
  /** 5xx share of the requests outside health checks. */
  errorRatio: (window: string) => `environment:seqpulse_http_errors:ratio_rate${window}`,
  failedReadRatio: `environment:seqpulse_target_reads:failed_ratio_rate${LIMITS.failingTargets.window}`,
  overdueJobs: 'environment:seqpulse_scheduler_jobs_overdue:max',
  pendingJobs: 'environment:seqpulse_scheduler_jobs_pending:max',
} as const;

/** Every window of the burn rates, none twice: 6h is long for one pair and short for another. */
export const ERROR_RATIO_WINDOWS: readonly string[] = [
  ...new Set(BURN_RATES.flatMap(({ shortWindow, longWindow }) => [shortWindow, longWindow])),
];

/** What alerts and dashboards would otherwise each compute anew. */
export function recordingRules(): RuleGroup {
  return {
    name: 'seqpulse.recording',
    rules: [...ERROR_RATIO_WINDOWS.map(errorRatio), latencyP95(), failedReadRatio(), ...schedulerDepth()],
  };
}

/** Requests a second. `window` in Prometheus' notation. */
function businessRequests(window: string, matchers: readonly string[] = []): string {
  return byEnvironment('sum', `rate(${series(catalog.httpRequests, [businessRoutes, ...matchers])}[${window}])`);
}

function errorRatio(window: string): RecordingRule {
  return {
    record: RECORDED.errorRatio(window),
    expr: ratio(businessRequests(window, [serverError]), businessRequests(window)),
  };
}

function latencyP95(): RecordingRule {
  const { window, quantile } = LIMITS.httpLatencyP95;
  const buckets = `rate(${series(catalog.httpRequestDuration, [businessRoutes], '_bucket')}[${window}])`;
  return {
    record: RECORDED.latencyP95,
    expr: `histogram_quantile(${quantile}, sum by (environment, le) (${buckets}))`,
  };
}

function failedReadRatio(): RecordingRule {
  const { window } = LIMITS.failingTargets;
  const reads = (matchers: readonly string[]) =>
    byEnvironment('sum', `rate(${series(catalog.targetRequestDuration, matchers, '_count')}[${window}])`);
  return { record: RECORDED.failedReadRatio, expr: ratio(reads([failedRead]), reads([])) };
}

/** Every replica reports the whole database: max, for a sum would count each job once a replica. */
function schedulerDepth(): RecordingRule[] {
  return [
    { record: RECORDED.overdueJobs, expr: byEnvironment('max', series(catalog.jobsOverdue)) },
    { record: RECORDED.pendingJobs, expr: byEnvironment('max', series(catalog.jobsPending)) },
  ];
}
