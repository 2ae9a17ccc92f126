import { catalog } from '../otel/catalog/catalog.ts';
import type { LinkBases } from './alert-catalog.ts';
import { BURN_RATES, burnRateRatio, LIMITS, SELECTORS, SLO } from './limits.ts';
import { RECORDED } from './recording-rules.ts';
import { type AlertRule, annotate, byEnvironment, type RuleGroup, series } from './rule.ts';

const { businessRoutes, serverError, failedRead, postSample, unsent, givenUp } = SELECTORS;

export function errorAndLatencyAlerts(bases: LinkBases): RuleGroup {
  return {
    name: 'seqpulse.errors-and-latency',
    rules: [
      ...BURN_RATES.map((burn) => errorBudgetBurn(bases, burn)),
      latencyHigh(bases, 'critical'),
      latencyHigh(bases, 'warning'),
      noVerdicts(bases),
      targetsFailing(bases),
      jobsFailed(bases),
      notificationsFailing(bases),
    ],
  };
}

function errorBudgetBurn(bases: LinkBases, burn: (typeof BURN_RATES)[number]): AlertRule {
  const alert = 'SeqPulseHttpErrorBudgetBurn';
  const limit = burnRateRatio(burn.burnRate);
  const failures = `increase(${series(catalog.httpRequests, [businessRoutes, serverError])}[${burn.longWindow}])`;
  const budget = `${100 * SLO.errorBudgetRatio} %`;
  return {
    alert,
    expr: [
      `${RECORDED.errorRatio(burn.longWindow)} > ${limit}`,
      `and ${RECORDED.errorRatio(burn.shortWindow)} > ${limit}`,
      `and ${byEnvironment('sum', failures)} >= ${LIMITS.httpErrors.minimumFailures}`,
    ].join('\n'),
    for: burn.for,
    // `window` keeps two rules of one severity apart: with equal labels each would overwrite the other's text.
    labels: { severity: burn.severity, window: burn.longWindow },
    annotations: annotate(alert, bases, {
      summary: 'Too many requests to SeqPulse fail.',
      description: `{{ $value | humanizePercentage }} of the requests in environment {{ $labels.environment }} failed with 5xx over ${burn.longWindow}, and over ${burn.shortWindow} it is still above ${formatPercent(limit)}: the error budget of ${budget} in ${SLO.periodDays} days burns ${burn.burnRate} times as fast as it may.`,
    }),
  };
}

function latencyHigh(bases: LinkBases, severity: 'critical' | 'warning'): AlertRule {
  const alert = 'SeqPulseHttpLatencyHigh';
  const limit = LIMITS.httpLatencyP95[severity];
  return {
    alert,
    expr: `${RECORDED.latencyP95} > ${limit.seconds}`,
    for: limit.for,
    labels: { severity },
    annotations: annotate(alert, bases, {
      summary: 'SeqPulse answers slowly.',
      description: `One request in twenty in environment {{ $labels.environment }} takes longer than {{ $value | humanizeDuration }} (p95, limit ${limit.seconds} s; health checks not counted): pipelines wait for it.`,
    }),
  };
}

/**
 * Counts stored post samples, not answers of /deployments/finish: a finish that is repeated or names no deployment is
 * answered with 200 too and leads to no verdict.
 */
function noVerdicts(bases: LinkBases): AlertRule {
  const alert = 'SeqPulseNoVerdicts';
  const { sampleWindow, verdictDeadline, verdictWindow } = LIMITS.noVerdicts;
  const samples = `increase(${series(catalog.metricsCollected, [postSample])}[${sampleWindow}] offset ${verdictDeadline})`;
  const verdicts = `increase(${series(catalog.analysisVerdicts)}[${verdictWindow}])`;
  return {
    alert,
    expr: `${byEnvironment('sum', samples)} > 0\nunless on (environment) ${byEnvironment('sum', verdicts)} > 0`,
    for: LIMITS.noVerdicts.for,
    labels: { severity: 'critical' },
    annotations: annotate(alert, bases, {
      summary: 'Deployments finish, but none gets a verdict.',
      description: `{{ printf "%.0f" $value }} samples of finished deployments in environment {{ $labels.environment }} are more than ${verdictDeadline} old, and in ${verdictWindow} not one verdict was stored: nobody is told whether a deployment did harm.`,
    }),
  };
}

function targetsFailing(bases: LinkBases): AlertRule {
  const alert = 'SeqPulseTargetsFailing';
  const { window, ratio, minimumFailures } = LIMITS.failingTargets;
  const failures = `increase(${series(catalog.targetRequestDuration, [failedRead], '_count')}[${window}])`;
  return {
    alert,
    expr: `${RECORDED.failedReadRatio} > ${ratio}\nand ${byEnvironment('sum', failures)} >= ${minimumFailures}`,
    for: LIMITS.failingTargets.for,
    labels: { severity: 'warning' },
    annotations: annotate(alert, bases, {
      summary: 'Most observed applications cannot be read.',
      description: `{{ $value | humanizePercentage }} of the reads of observed applications in environment {{ $labels.environment }} failed over ${window}: verdicts will lack samples or be insufficient_data.`,
    }),
  };
}

/** Without `for`: one failure shows for the length of the window and clears by itself. */
function jobsFailed(bases: LinkBases): AlertRule {
  const alert = 'SeqPulseSchedulerJobsFailed';
  const { window, jobs } = LIMITS.failedJobs;
  return {
    alert,
    expr: `${byEnvironment('sum', `increase(${series(catalog.jobsFailed)}[${window}])`)} > ${jobs}`,
    labels: { severity: 'warning' },
    annotations: annotate(alert, bases, {
      summary: 'Jobs of SeqPulse gave up for good.',
      description: `About {{ printf "%.0f" $value }} collects or analyses in environment {{ $labels.environment }} used up all their tries in the last ${window}: their deployments are judged on fewer samples.`,
    }),
  };
}

function notificationsFailing(bases: LinkBases): AlertRule {
  const alert = 'SeqPulseNotificationsFailing';
  const { window, attempts, ratio } = LIMITS.unsentMessages;
  const within = (matchers: readonly string[]) =>
    byEnvironment('sum', `increase(${series(catalog.notifications, matchers)}[${window}])`);
  return {
    alert,
    expr: [
      `(${within([unsent])} >= ${attempts}`,
      `and ${within([unsent])} > ${ratio} * ${within([])})`,
      `or ${within([givenUp])} > 0`,
    ].join('\n'),
    for: LIMITS.unsentMessages.for,
    labels: { severity: 'warning' },
    annotations: annotate(alert, bases, {
      summary: 'Messages of SeqPulse do not arrive.',
      description: `About {{ printf "%.0f" $value }} attempts to send a message from environment {{ $labels.environment }} failed in the last ${window}, or messages were given up after a day: somebody who should know of a bad deployment does not.`,
    }),
  };
}

function formatPercent(ratio: number): string {
  return `${Number((100 * ratio).toPrecision(3))} %`;
}
