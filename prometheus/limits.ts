/**
 * Every threshold, hold time, window and selector of the monitoring, once: the alert rules, the dashboards and the
 * runbooks' tables read them here. Data only, so that any of them can import it. Durations are Prometheus' (`5m`).
 */

/**
 * Which `job`s are the service, as PromQL matches them: `seqpulse-backend` of our prometheus.yml and of a Collector, and
 * the name that a ServiceMonitor takes from its Service. Another one is a setting of the generator:
 * `npm run generate -- --job <pattern> --out <folder>`. It stands in queries and texts, and nowhere else means anything.
 */
export const JOBS = 'seqpulse.*';

/** The only label that aggregations keep: without it one installation's trouble hides in another's traffic. */
export const ENVIRONMENT_LABEL = 'environment';

/** What prometheus.yml says; the dashboards' `$__rate_interval` depends on it. */
export const SCRAPE_INTERVAL = '15s';

/** Label matchers without braces, to be joined by commas. */
export const SELECTORS = {
  job: `job=~"${JOBS}"`,
  /** What people and CI wait for: probes are fast, frequent, and /readyz answers 503 on purpose while stopping. */
  businessRoutes: 'path!~"/health.*|/db-check|/livez|/readyz"',
  serverError: 'status_code=~"5.."',
  failedRead: 'outcome!="ok"',
  postSample: 'phase="post"',
  unsent: 'outcome!="delivered"',
  givenUp: 'outcome="given_up"',
} as const;

/** 99.5 % of the requests outside health checks are answered without 5xx, over 30 days. */
export const SLO = { objectiveRatio: 0.995, errorBudgetRatio: 0.005, periodDays: 30 } as const;

/**
 * Multi-window burn rates (Google SRE Workbook, ch. 5): both windows must burn, so that the alert comes fast and also
 * clears fast. `burnRate` is a multiple of the error budget.
 */
export const BURN_RATES = [
  { severity: 'critical', burnRate: 14.4, longWindow: '1h', shortWindow: '5m', for: '2m' },
  { severity: 'critical', burnRate: 6, longWindow: '6h', shortWindow: '30m', for: '15m' },
  { severity: 'warning', burnRate: 3, longWindow: '1d', shortWindow: '2h', for: '1h' },
  { severity: 'warning', burnRate: 1, longWindow: '3d', shortWindow: '6h', for: '3h' },
] as const;

/** The error ratio at which the budget of 30 days burns `burnRate` times as fast as it may: 14.4 → 0.072. */
export function burnRateRatio(burnRate: number): number {
  return Number((burnRate * SLO.errorBudgetRatio).toPrecision(6));
}

export const LIMITS = {
  down: {
    /** Longer than a restart with its first scrape. */
    everyReplicaFor: '2m',
    /** A target list is written anew by deployments; five minutes is also when a Collector forgets a dead service. */
    vanishedFor: '5m',
    /** The other replicas serve: a rolling update must not open a ticket. */
    oneReplicaFor: '10m',
  },
  /** The service leaves the scheduler's gauges out while the database does not answer. */
  databaseUnreachable: { for: '5m' },
  /**
   * Seconds, either way: from here on the service tells it, too. Clocks are compared every minute, so the hold is two
   * comparisons: one answer of the database that came late is none.
   */
  clockOffset: { seconds: 5, for: '2m' },
  overdueJobs: {
    warning: { jobs: 10, for: '5m' },
    critical: { jobs: 100, for: '10m' },
  },
  /** Rises with healthy load, so only a hint. */
  pendingJobs: { info: { jobs: 5_000, for: '15m' } },
  /** Seconds; on edges of the histogram's buckets, or interpolation decides. */
  httpLatencyP95: {
    window: '5m',
    quantile: 0.95,
    warning: { seconds: 0.5, for: '10m' },
    critical: { seconds: 1, for: '10m' },
  },
  httpErrors: {
    /** Fewer failures in the long window are never an alert: on a quiet night one failed request is 100 %. */
    minimumFailures: 3,
    /** For dashboards: where the short-window error ratio spends the budget, and where it would page. */
    warningRatio: SLO.errorBudgetRatio,
    criticalRatio: burnRateRatio(BURN_RATES[0].burnRate),
  },
  failedJobs: { window: '15m', jobs: 0 },
  /**
   * A receiver that is away for some minutes costs each message two or three attempts: that many of one message mean
   * three quarters of an hour, and beside many that arrive a few that fail are no news.
   */
  unsentMessages: { window: '1h', attempts: 5, ratio: 0.1, for: '5m' },
  failingTargets: {
    window: '15m',
    ratio: 0.5,
    /**
     * In 15 min one application that is down costs about 20 failed reads (5 collects, 4 tries each), and is its own
     * team's business; more than that at once is ours.
     */
    minimumFailures: 30,
    for: '10m',
  },
  /**
   * A stored post sample is judged at the latest after the longest window (30 min), all retries (450 s) and 60 s:
   * within 38.5 min. Hence 40 min from sample to missing verdict; samples of one hour count.
   */
  noVerdicts: { sampleWindow: '1h', verdictDeadline: '40m', verdictWindow: '100m', for: '5m' },
  /** Dashboards only, in seconds: a loop blocked for 10 s loses its jobs' heartbeats. */
  eventLoopDelayP99: { warningSeconds: 0.1, criticalSeconds: 0.5 },
  /** Dashboards only: the service is built to stay under 200 MB under load. */
  residentMemory: { warningBytes: 300_000_000, criticalBytes: 500_000_000 },
  /** Dashboards only, p95: 1 s is the aim, 30 s is what makes a job overdue. */
  jobStartDelayP95: { warningSeconds: 5, criticalSeconds: 30 },
} as const;
