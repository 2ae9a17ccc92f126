import type { Metric } from '../../otel/catalog/metric.ts';
import { ENVIRONMENT_LABEL, SELECTORS } from '../../prometheus/limits.ts';

/** What the variables of the dashboard choose. `.*` also matches a series without the label. */
const CHOSEN = `${SELECTORS.job}, ${ENVIRONMENT_LABEL}=~"$environment", instance=~"$instance"`;

/** `metric{job, environment, instance, more…}`; `suffix` for the series of a histogram. */
export function series(metric: Metric | string, more: readonly string[] = [], suffix = ''): string {
  const name = typeof metric === 'string' ? metric : metric.name;
  return `${name}${suffix}{${[CHOSEN, ...more].join(', ')}}`;
}

/** Per second, summed by environment and `by`. `window` as PromQL writes it; $__rate_interval fits the zoom. */
export function rateBy(
  by: readonly string[],
  metric: Metric,
  options: { readonly more?: readonly string[]; readonly window?: string; readonly suffix?: string } = {},
): string {
  const { more = [], window = '$__rate_interval', suffix = '' } = options;
  return `sum by (${[ENVIRONMENT_LABEL, ...by].join(', ')}) (rate(${series(metric, more, suffix)}[${window}]))`;
}

/** How much a counter rose within `window`, summed by environment and `by`. */
export function increaseBy(
  by: readonly string[],
  metric: Metric,
  window: string,
  more: readonly string[] = [],
): string {
  return `sum by (${[ENVIRONMENT_LABEL, ...by].join(', ')}) (increase(${series(metric, more)}[${window}]))`;
}

/** A quantile of a histogram by environment and `by`, in the histogram's unit; NaN without observations. */
export function quantileBy(
  quantile: number,
  by: readonly string[],
  metric: Metric,
  options: { readonly more?: readonly string[]; readonly window?: string } = {},
): string {
  return `histogram_quantile(${quantile}, ${rateBy([...by, 'le'], metric, { ...options, suffix: '_bucket' })})`;
}

/** Over replicas that all report the same number of the same database. */
export function maxBy(by: readonly string[], metric: Metric): string {
  return `max by (${[ENVIRONMENT_LABEL, ...by].join(', ')}) (${series(metric)})`;
}
