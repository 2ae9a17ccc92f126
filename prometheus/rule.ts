import type { Metric } from '../otel/catalog/metric.ts';
import { type AlertName, dashboardUrl, type LinkBases, runbookUrl } from './alert-catalog.ts';
import { ENVIRONMENT_LABEL, SELECTORS } from './limits.ts';

export type Severity = 'critical' | 'warning' | 'info';

export interface RecordingRule {
  /** `level:metric:operations`, where the level is what is left of the labels. */
  readonly record: string;
  readonly expr: string;
}

export interface AlertRule {
  readonly alert: AlertName;
  readonly expr: string;
  /** How long the condition must hold; absent: at once. */
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>> & { readonly severity: Severity };
  readonly annotations: Annotations;
}

export interface Annotations {
  readonly summary: string;
  readonly description: string;
  readonly runbook_url: string;
  readonly dashboard_url: string;
}

export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly (RecordingRule | AlertRule)[];
}

/** The series of a metric of the service; `suffix` for a histogram's `_bucket` and `_count`. */
export function series(
  metric: Metric,
  matchers: readonly string[] = [],
  suffix: '' | '_bucket' | '_count' = '',
): string {
  return `${metric.name}${suffix}{${[SELECTORS.job, ...matchers].join(',')}}`;
}

/** One number for each environment, whatever the number of replicas. */
export function byEnvironment(operator: 'sum' | 'max' | 'count', expr: string): string {
  return `${operator} by (${ENVIRONMENT_LABEL}) (${expr})`;
}

/**
 * part ÷ whole, of rules and dashboards alike: a share that is 0 without failures, whose series come into being with the first of them, and that is absent without
 * traffic: 0/0 is NaN, and NaN on a dashboard looks like a fault.
 */
export function ratio(part: string, whole: string): string {
  return `(${part} or 0 * ${whole}) / (${whole} > 0)`;
}

/** What every alert carries. `perEnvironment: false` where the condition is that no series is left to say which. */
export function annotate(
  alert: AlertName,
  bases: LinkBases,
  text: { readonly summary: string; readonly description: string; readonly perEnvironment?: boolean },
): Annotations {
  const query =
    text.perEnvironment === false ? '' : `var-${ENVIRONMENT_LABEL}={{ $labels.${ENVIRONMENT_LABEL} | urlquery }}`;
  return {
    summary: text.summary,
    description: text.description,
    runbook_url: runbookUrl(alert, bases),
    dashboard_url: dashboardUrl(alert, bases, query),
  };
}
