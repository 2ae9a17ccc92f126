import type { PresetName, PrometheusSettings } from '../../model/source.ts';
import type { MetricName } from '../../verdict/types.ts';

/** PromQL with $selector and $window. What is left out can not be known from these series. */
export interface Queries extends Partial<Record<MetricName, string>> {
  /** Mean latency, milliseconds. */
  readonly latencyMean?: string;
  /** One series for each bucket of the histogram that the p95 comes from, label `le` in milliseconds × `bucketUnit`. */
  readonly buckets?: string;
  /** CPU in cores of the average instance. */
  readonly cpuCores?: string;
}

/** How a preset's series are asked for. */
export interface PresetForm {
  /** The series that there is wherever this form fits: its requests. */
  readonly metric: string;
  /** Requests/s, by what is put for $by: `by (version)`, or nothing. */
  readonly requestsBy: string;
  readonly queries: Queries;
}

export interface Preset extends PresetForm {
  /** Where the server keeps histograms as native ones; absent: requests are counted by another series. */
  readonly native?: PresetForm;
  /** One that tells it from another preset of the same names. */
  readonly mark?: string;
  /** Milliseconds in one unit of the histogram. */
  readonly unitMs: number;
}

interface Shape {
  /** Counter of requests: a name, or a regular expression for `__name__`. */
  readonly count: string;
  /** Histogram's name before `_bucket`; null: its p95 is not known. */
  readonly histogram: string;
  readonly unitMs: number;
  /** Matchers of every query, besides the selector's. */
  readonly only?: string;
  /** Labels that may hold the outcome, and which values are failures; the first that there is counts. */
  readonly outcome: readonly (readonly [label: string, failed: string])[];
  readonly mark?: string;
  readonly resources?: Pick<Queries, 'cpu_usage' | 'memory_usage' | 'cpuCores'>;
}

/** Process metrics of a runtime that runs on one core: the share of it. */
const ONE_CORE = {
  cpu_usage: 'clamp_max(avg(rate(process_cpu_seconds_total{$selector}[$window])), 1)',
  cpuCores: 'avg(rate(process_cpu_seconds_total{$selector}[$window]))',
};

const SERVER_ERRORS = '5..';
const STATUS_LABELS = [
  ['status_code', SERVER_ERRORS],
  ['code', SERVER_ERRORS],
  ['status', SERVER_ERRORS],
] as const;

/** In the order in which they are looked for where none was named: what stands nearest to the application first. */
export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  otel: preset({
    // The JavaScript SDK's Prometheus exporter writes the name without its unit.
    count: '~http_server_request_duration(_seconds)?_count',
    histogram: '~http_server_request_duration(_seconds)?',
    unitMs: 1_000,
    outcome: [['http_response_status_code', SERVER_ERRORS]],
    resources: {
      cpu_usage: 'avg(rate(jvm_cpu_time_seconds_total{$selector}[$window]) / jvm_cpu_count{$selector})',
      cpuCores: 'avg(rate(jvm_cpu_time_seconds_total{$selector}[$window]))',
      memory_usage:
        'sum(jvm_memory_used_bytes{jvm_memory_type="heap",$selector}) / sum(jvm_memory_limit_bytes{jvm_memory_type="heap",$selector})',
    },
  }),
  fastapi: preset({
    count: 'http_requests_total',
    histogram: 'http_request_duration_highr_seconds',
    unitMs: 1_000,
    only: 'handler!="/metrics"',
    // Its values are 2xx, 5xx.
    outcome: [['status', SERVER_ERRORS]],
    // It also exports http_request_duration_seconds, without an outcome: prom-client's and Go's would be found in it.
    mark: 'http_request_duration_highr_seconds_count{$selector}',
    resources: ONE_CORE,
  }),
  go: preset({
    count: 'http_request_duration_seconds_count',
    histogram: 'http_request_duration_seconds',
    unitMs: 1_000,
    outcome: STATUS_LABELS,
    mark: 'go_goroutines{$selector}',
    resources: {
      cpu_usage: 'avg(rate(process_cpu_seconds_total{$selector}[$window]) / go_sched_gomaxprocs_threads{$selector})',
      cpuCores: 'avg(rate(process_cpu_seconds_total{$selector}[$window]))',
    },
  }),
  'prom-client': preset({
    count: 'http_request_duration_seconds_count',
    histogram: 'http_request_duration_seconds',
    unitMs: 1_000,
    only: 'route!="/metrics",path!="/metrics"',
    outcome: STATUS_LABELS,
    resources: ONE_CORE,
  }),
  micrometer: preset({
    count: 'http_server_requests_seconds_count',
    histogram: 'http_server_requests_seconds',
    unitMs: 1_000,
    only: 'uri!~"/actuator.*"',
    outcome: [['outcome', 'SERVER_ERROR']],
    resources: {
      cpu_usage: 'avg(process_cpu_usage{$selector})',
      memory_usage:
        'sum(jvm_memory_used_bytes{area="heap",$selector}) / sum(jvm_memory_max_bytes{area="heap",$selector} > 0)',
    },
  }),
  istio: preset({
    count: 'istio_requests_total',
    histogram: 'istio_request_duration_milliseconds',
    unitMs: 1,
    only: 'reporter="destination"',
    outcome: [['response_code', '5..|0']],
  }),
  'ingress-nginx': preset({
    count: 'nginx_ingress_controller_requests',
    histogram: 'nginx_ingress_controller_request_duration_seconds',
    unitMs: 1_000,
    outcome: [['status', SERVER_ERRORS]],
  }),
  traefik: preset({
    count: 'traefik_service_request_duration_seconds_count',
    histogram: 'traefik_service_request_duration_seconds',
    unitMs: 1_000,
    outcome: [['code', SERVER_ERRORS]],
  }),
  envoy: preset({
    count: 'envoy_cluster_upstream_rq',
    histogram: 'envoy_cluster_upstream_rq_time',
    unitMs: 1,
    outcome: [['envoy_response_code', SERVER_ERRORS]],
  }),
  linkerd: preset({
    count: 'response_total',
    histogram: 'response_latency_ms',
    unitMs: 1,
    only: 'direction="inbound"',
    outcome: [['classification', 'failure']],
  }),
};

/** CPU and memory of containers against their limits, as cadvisor and kube-state-metrics tell them. */
export const CONTAINERS: Pick<Queries, 'cpu_usage' | 'memory_usage' | 'cpuCores'> = {
  cpu_usage:
    'sum(rate(container_cpu_usage_seconds_total{container!="",$containers}[$window])) / sum(kube_pod_container_resource_limits{resource="cpu",$containers})',
  memory_usage:
    'sum(container_memory_working_set_bytes{container!="",$containers}) / sum(kube_pod_container_resource_limits{resource="memory",$containers})',
  cpuCores: 'avg(rate(container_cpu_usage_seconds_total{container!="",$containers}[$window]))',
};

/** The form that the server had PRESETS found in. */
export function formOf(preset: PresetName, settings: Pick<PrometheusSettings, 'nativeHistograms'>): PresetForm {
  const { native, ...classic } = PRESETS[preset];
  return settings.nativeHistograms === true && native !== undefined ? native : classic;
}

function preset(shape: Shape): Preset {
  const { count, histogram, unitMs, mark, resources } = shape;
  const { series, rate, errors } = wordsOf(shape);
  const inMs = unitMs === 1 ? '' : `${unitMs} * `;
  const requests = (more?: string) => `sum(${rate(count, more)})`;
  return {
    metric: series(count),
    requestsBy: `sum $by (${rate(count)})`,
    ...(count === `${histogram}_count` ? { native: nativeForm(shape) } : {}),
    ...(mark === undefined ? {} : { mark }),
    unitMs,
    queries: {
      requests_per_sec: requests(),
      latency_p95: `${inMs}histogram_quantile(0.95, sum by (le) (${rate(`${histogram}_bucket`)}))`,
      error_rate: errors(requests),
      latencyMean: `${inMs}sum(${rate(`${histogram}_sum`)}) / sum(${rate(`${histogram}_count`)})`,
      buckets: `count by (le) (${series(`${histogram}_bucket`)})`,
      ...resources,
    },
  };
}

/** The same of one native histogram: its buckets are fine, so their edges are nobody's question. */
function nativeForm(shape: Shape): PresetForm {
  const { histogram, unitMs, resources } = shape;
  const { series, rate, errors } = wordsOf(shape);
  const inMs = unitMs === 1 ? '' : `${unitMs} * `;
  const summed = (more?: string) => `sum(${rate(histogram, more)})`;
  const requests = (more?: string) => `histogram_count(${summed(more)})`;
  return {
    metric: series(histogram),
    requestsBy: `histogram_count(sum $by (${rate(histogram)}))`,
    queries: {
      requests_per_sec: requests(),
      latency_p95: `${inMs}histogram_quantile(0.95, ${summed()})`,
      error_rate: errors(requests),
      latencyMean: `${inMs}histogram_sum(${summed()}) / ${requests()}`,
      ...resources,
    },
  };
}

function wordsOf({ only, outcome }: Shape) {
  const always = only === undefined ? '' : `${only},`;
  const series = (name: string, more = '') => `${named(name, `${always}${more}$selector`)}`;
  const rate = (name: string, more?: string) => `rate(${series(name, more)}[$window])`;
  /** Share of failures, by a query of the requests that carry some matchers. */
  function errors(requests: (more?: string) => string): string {
    const either = (more: (label: string, failed: string) => string) =>
      outcome.map(([label, failed]) => requests(more(label, failed))).join(' or ');
    const failed = either((label, values) => `${label}=~"${values}",`);
    // No 5xx ever is no series, and means 0; a histogram without such a label at all is not: there nothing is known.
    return `(${failed} or 0 * (${either((label) => `${label}!="",`)})) / ${requests()}`;
  }
  return { series, rate, errors };
}

/** `name{matchers}`; of a name that begins with ~ the rest is a regular expression. */
function named(name: string, matchers: string): string {
  return name.startsWith('~') ? `{__name__=~"${name.slice(1)}",${matchers}}` : `${name}{${matchers}}`;
}
