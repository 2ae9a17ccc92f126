import { catalog } from '../../otel/catalog/catalog.ts';
import { OPERATIONS_PANELS } from '../../prometheus/alert-catalog.ts';
import { LIMITS, SELECTORS } from '../../prometheus/limits.ts';
import { ratio } from '../../prometheus/rule.ts';
import type { PanelSpec, Visual } from '../kit/panel-spec.ts';
import { badAbove, badBelow, limitAt, type Thresholds } from '../kit/thresholds.ts';
import { increaseBy, maxBy, quantileBy, rateBy, series } from './promql.ts';

const { httpLatencyP95, httpErrors, overdueJobs, failedJobs, failingTargets, eventLoopDelayP99, residentMemory } =
  LIMITS;

/** A tile of the top row: the newest value alone, so that nothing is shown that is not known now. */
function tile(
  expr: string,
  spec: Omit<PanelSpec, 'width' | 'height' | 'queries' | 'visual'> & { readonly thresholds: Thresholds },
): PanelSpec {
  const visual: Visual = { kind: 'stat' };
  return { width: 6, height: 4, queries: [{ expr, legend: '{{environment}}', instant: true }], visual, ...spec };
}

const errors = [SELECTORS.businessRoutes, SELECTORS.serverError];
const up = series('up');

/** One glance: orange where an alert opens a ticket, red where it pages. */
export const summaryPanels: readonly PanelSpec[] = [
  tile(`sum by (environment) (${up}) / count by (environment) (${up})`, {
    ...OPERATIONS_PANELS.replicasUp,
    unit: 'percentunit',
    decimals: 0,
    thresholds: badBelow(1, 0.01),
    noValue: 'No target',
    read: 'Share of the replicas that Prometheus reached at its last scrape. 100 % is normal; less for a minute is a restart or a rolling update.',
    empty:
      '“No target” means that Prometheus has no target of the job at all: look at its page /targets and at the targets of prometheus.yml. That is as bad as 0 %.',
    check:
      'Is the process alive (`curl localhost:8000/livez`)? If it is: the address in prometheus.yml, firewall, and “connection refused” on /targets.',
    alerts: ['SeqPulseDown', 'SeqPulseWatchdog'],
  }),
  tile(
    ratio(
      rateBy([], catalog.httpRequests, { more: errors, window: '5m' }),
      rateBy([], catalog.httpRequests, { more: [SELECTORS.businessRoutes], window: '5m' }),
    ),
    {
      ...OPERATIONS_PANELS.errorRatio,
      unit: 'percentunit',
      decimals: 2,
      thresholds: badAbove(httpErrors.warningRatio, httpErrors.criticalRatio),
      noValue: 'No traffic',
      read: 'Share of the last five minutes’ requests answered with 5xx, health checks left out. Orange spends the error budget faster than it grows, red is where the fast-burn alert pages.',
      empty:
        '“No traffic”: nothing but health checks in five minutes. Feed it: `curl http://localhost:8000/deployments`.',
      check:
        'Responses by Status below for which code, Error Budget Burn for how long it can go on, then the log lines of level `error`.',
      alerts: ['SeqPulseHttpErrorBudgetBurn'],
    },
  ),
  tile(
    quantileBy(httpLatencyP95.quantile, [], catalog.httpRequestDuration, {
      more: [SELECTORS.businessRoutes],
      window: httpLatencyP95.window,
    }),
    {
      ...OPERATIONS_PANELS.latencyP95,
      unit: 's',
      thresholds: badAbove(httpLatencyP95.warning.seconds, httpLatencyP95.critical.seconds),
      noValue: 'No traffic',
      read: '95 of 100 requests of the last five minutes were faster, health checks left out.',
      empty:
        '“No traffic”: nothing but health checks in five minutes. Feed it: `curl http://localhost:8000/deployments`.',
      check:
        'HTTP Latency below says whether only the tail or everything is slow; then the database, Event-Loop Delay and CPU.',
      alerts: ['SeqPulseHttpLatencyHigh'],
    },
  ),
  tile(maxBy([], catalog.jobsOverdue), {
    ...OPERATIONS_PANELS.overdueJobs,
    unit: 'short',
    decimals: 0,
    thresholds: badAbove(overdueJobs.warning.jobs + 1, overdueJobs.critical.jobs + 1),
    noValue: 'Unknown',
    read: 'Jobs that should have started more than 30 s ago. A few for a moment are normal after a restart; more means samples come late and verdicts later.',
    empty: '“Unknown”: the service can’t ask its database, or is not scraped.',
    check:
      'Job Start Delay below for which kind of job. Targets that all time out hold the workers; then a slow database; then too few replicas.',
    alerts: ['SeqPulseSchedulerBacklog', 'SeqPulseDatabaseUnreachable'],
  }),
  tile(increaseBy([], catalog.jobsFailed, failedJobs.window), {
    ...OPERATIONS_PANELS.failedJobs,
    unit: 'short',
    decimals: 0,
    thresholds: limitAt(failedJobs.jobs + 1, 'orange'),
    noValue: 'Not scraped',
    read: 'Jobs that gave up for good in the last 15 minutes. One failure keeps it orange for 15 minutes, then it clears by itself.',
    empty: 'The counter is there from the start, as 0: empty means not scraped for 15 minutes.',
    check:
      'Given-up Jobs in KPI MVP Lifecycle names job, deployment and reason; Target Reads by Outcome says whether the applications or we are to blame.',
    alerts: ['SeqPulseSchedulerJobsFailed'],
  }),
  tile(
    ratio(
      rateBy([], catalog.targetRequestDuration, {
        more: [SELECTORS.failedRead],
        window: failingTargets.window,
        suffix: '_count',
      }),
      rateBy([], catalog.targetRequestDuration, { window: failingTargets.window, suffix: '_count' }),
    ),
    {
      ...OPERATIONS_PANELS.failingTargets,
      unit: 'percentunit',
      decimals: 0,
      thresholds: limitAt(failingTargets.ratio, 'orange'),
      noValue: 'No reads',
      read: 'Share of the last 15 minutes’ reads of observed applications that brought no sample. One broken application among many is its team’s business; most of them at once is ours.',
      empty: '“No reads”: no deployment is being observed. Feed it: trigger one.',
      check:
        'Target Reads by Outcome below: `timeout` and `unreachable` at once are our network or DNS, `forbidden_address` our address rules, `bad_status` and `bad_body` the applications.',
      alerts: ['SeqPulseTargetsFailing'],
    },
  ),
  tile(maxBy([], catalog.eventLoopDelayP99), {
    id: 9,
    title: 'Event-Loop Delay',
    unit: 's',
    thresholds: badAbove(eventLoopDelayP99.warningSeconds, eventLoopDelayP99.criticalSeconds),
    noValue: 'Not scraped',
    read: 'How late the process runs what is due (99th percentile, worst replica). 10 ms is idle; half a second means that something blocks it, and every request and job waits.',
    empty: 'Empty means not scraped.',
    check: 'CPU and Garbage Collection below. A loop blocked for 10 s loses its jobs to other workers.',
    alerts: ['SeqPulseHttpLatencyHigh'],
  }),
  tile(maxBy([], catalog.processResidentMemory), {
    id: 10,
    title: 'Memory',
    unit: 'bytes',
    decimals: 0,
    thresholds: badAbove(residentMemory.warningBytes, residentMemory.criticalBytes),
    noValue: 'Not scraped',
    read: 'Resident memory of the largest replica. The service stays under 200 MB under load.',
    empty: 'Empty means not scraped.',
    check:
      'Memory below: a saw-tooth is garbage collection, a staircase a leak. Restart the replica, keep the graph, report it.',
    alerts: ['SeqPulseDown'],
  }),
];
