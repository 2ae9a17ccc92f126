import { allMetrics } from '../../otel/catalog/catalog.ts';
import type { Metric } from '../../otel/catalog/metric.ts';
import { ENVIRONMENT_LABEL } from '../../prometheus/limits.ts';
import { type DashboardFile, promqlOf } from './dashboard-file.ts';
import { parsePromql, replaceVariables, type Selector } from './promql-tree.ts';

/** Of the scrape, not of the metric. */
const TARGET_LABELS = ['job', 'instance', ENVIRONMENT_LABEL];
/** What Prometheus itself makes: series → labels. */
const PROMETHEUS_SERIES: Readonly<Record<string, readonly string[]>> = {
  up: TARGET_LABELS,
  ALERTS: [...TARGET_LABELS, 'alertname', 'alertstate', 'severity'],
};
const COUNTING_FUNCTIONS = ['rate', 'irate', 'increase'];

interface KnownSeries {
  readonly labels: readonly string[];
  readonly metric: Metric | null;
  /** It only ever rises, so only its growth says something. */
  readonly counts: boolean;
}

/** Every PromQL text parses once its variables are replaced. */
export function promqlParses(dashboard: DashboardFile): string[] {
  return promqlOf(dashboard).flatMap(({ place, target }) => {
    const { errors } = parsePromql(replaceVariables(target.expr ?? ''));
    return errors.map((at) => `${place} ${target.refId}: does not parse at character ${at}: ${target.expr}`);
  });
}

/** Every series and label exists in the catalogue, and a label is only compared with values it can have. */
export function namesAreKnown(dashboard: DashboardFile): string[] {
  return promqlOf(dashboard).flatMap(({ place, target }) => {
    const { selectors } = parsePromql(replaceVariables(target.expr ?? ''));
    const legend = [...(target.legendFormat ?? '').matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map((match) => match[1] ?? '');
    const faults = selectors.flatMap((selector) => selectorFaults(selector, legend));
    return faults.map((fault) => `${place} ${target.refId}: ${fault}`);
  });
}

function selectorFaults(selector: Selector, legend: readonly string[]): string[] {
  const known = knownSeries(selector.metric);
  if (known === null) return [`${selector.metric} is not in the catalogue`];
  const named = [...selector.matchers.map(({ label }) => label), ...selector.aggregations.flat()];
  const faults = named
    .filter((label) => !known.labels.includes(label))
    .map((label) => `${selector.metric} has no label ${label}`);
  for (const { label, operator, value } of selector.matchers) {
    const allowed = known.metric?.labels.find(({ name }) => name === label)?.values;
    if (operator.includes('~') || typeof allowed !== 'object' || allowed.includes(value)) continue;
    faults.push(`${label} of ${selector.metric} is never ${value}`);
  }
  const left = [known.labels, ...selector.aggregations];
  const lost = legend.filter((label) => left.some((kept) => !kept.includes(label)));
  return [...faults, ...lost.map((label) => `the legend wants {{${label}}}, which the query does not keep`)];
}

/** Counters, and a histogram's series, are only read through rate, irate or increase. */
export function countersAreRated(dashboard: DashboardFile): string[] {
  return promqlOf(dashboard)
    .filter(({ place }) => !place.startsWith('variable '))
    .flatMap(({ place, target }) =>
      parsePromql(replaceVariables(target.expr ?? ''))
        .selectors.filter(({ metric }) => knownSeries(metric)?.counts === true)
        .filter(({ rangeFunction }) => !COUNTING_FUNCTIONS.includes(rangeFunction ?? ''))
        .map(({ metric }) => `${place} ${target.refId}: ${metric} counts: it belongs inside rate() or increase()`),
    );
}

/** `$__rate_interval` is made for rate(); in increase() it would count over a window that changes with the zoom. */
export function rateIntervalIsForRate(dashboard: DashboardFile): string[] {
  const marker = '61s';
  return promqlOf(dashboard).flatMap(({ place, target }) =>
    parsePromql(replaceVariables(target.expr ?? '', { __rate_interval: marker }))
      .selectors.filter(({ range, rangeFunction }) => range === marker && rangeFunction !== 'rate')
      .map(({ rangeFunction }) => `${place} ${target.refId}: $__rate_interval inside ${rangeFunction}()`),
  );
}

/** Of a dashboard with the variable: every aggregation keeps the environment, and every selector filters by it. */
export function environmentIsKept(dashboard: DashboardFile): string[] {
  const hasVariable = (dashboard.templating?.list ?? []).some(({ name }) => name === ENVIRONMENT_LABEL);
  if (!hasVariable) return [];
  return promqlOf(dashboard).flatMap(({ place, target }) =>
    parsePromql(replaceVariables(target.expr ?? '')).selectors.flatMap(({ metric, matchers, aggregations }) => {
      const where = `${place} ${target.refId}: ${metric}`;
      const merged = aggregations.some((kept) => !kept.includes(ENVIRONMENT_LABEL));
      const filtered = matchers.some(({ label }) => label === ENVIRONMENT_LABEL);
      const needsFilter = !place.startsWith('variable ') && metric !== 'ALERTS';
      return [
        ...(merged ? [`${where} is aggregated over environments`] : []),
        ...(needsFilter && !filtered ? [`${where} is not filtered by $${ENVIRONMENT_LABEL}`] : []),
      ];
    }),
  );
}

function knownSeries(name: string): KnownSeries | null {
  const own = PROMETHEUS_SERIES[name];
  if (own !== undefined) return { labels: own, metric: null, counts: false };
  for (const metric of allMetrics) {
    const labels = [...metric.labels.map((label) => label.name), ...TARGET_LABELS];
    if (metric.kind !== 'histogram') {
      if (metric.name === name) return { labels, metric, counts: metric.kind === 'counter' };
      continue;
    }
    if (name === `${metric.name}_bucket`) return { labels: [...labels, 'le'], metric, counts: true };
    if (name === `${metric.name}_sum` || name === `${metric.name}_count`) return { labels, metric, counts: true };
  }
  return null;
}
