import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectedNumbers } from '../../../docs/presets-page.ts';
import type { MonitoringServer } from '../../../harness/monitoring-server.ts';
import { PRESET_NAMES, type PresetName, type PrometheusSettings } from '../../../src/model/source.ts';
import { createAddressPolicy } from '../../../src/sources/network/address-policy.ts';
import { createPrometheusClient, type PrometheusClient } from '../../../src/sources/prometheus/client.ts';
import { NO_CREDENTIALS } from '../../../src/sources/prometheus/credentials.ts';
import type { Examination } from '../../../src/sources/source.ts';
import { type SeriesServer, seriesServers } from '../../support/series-servers.ts';
import { counter, histogram, type SyntheticSeries } from '../../support/synthetic-series.ts';

/** Their p95 lies in the bucket from .1 to .2 s, at 193.75 ms; in milliseconds where the histogram counts those. */
const inSeconds = { perSecond: 10, mean: 0.1, shares: { 0.1: 0.5, 0.2: 0.48, 0.4: 0.02 } };
const inMs = { perSecond: 10, mean: 100, shares: { 100: 0.5, 200: 0.48, 400: 0.02 } };
const LOOSE = { perSecond: 0.4, mean: 0.1, shares: { 0.1: 1 } };

/** What an application of each kind exports: 10 requests/s, 4 % of them failed, p95 193.75 ms, mean 100 ms. */
function seriesOf(preset: PresetName, app: string): SyntheticSeries[] {
  const a = `app="${app}"`;
  const split = (name: string, label: string, ok: string, bad: string, more = '') => [
    counter(`${name}{${a}${more},${label}="${ok}"}`, 9.6),
    counter(`${name}{${a}${more},${label}="${bad}"}`, 0.4),
  ];
  /** One histogram, with its outcome as a label: all shares in both. */
  const both = (name: string, label: string, ok: string, bad: string, more = '') => [
    ...histogram(name, `${a}${more},${label}="${ok}"`, { ...inSeconds, perSecond: 9.6 }),
    ...histogram(name, `${a}${more},${label}="${bad}"`, { ...inSeconds, perSecond: 0.4 }),
  ];
  const cpu = [counter(`process_cpu_seconds_total{${a}}`, 0.25)];
  switch (preset) {
    case 'otel':
      return [
        ...both('http_server_request_duration_seconds', 'http_response_status_code', '200', '503'),
        counter(`jvm_cpu_time_seconds_total{${a}}`, 0.5),
        { series: `jvm_cpu_count{${a}}`, at: () => 2 },
        { series: `jvm_memory_used_bytes{${a},jvm_memory_type="heap"}`, at: () => 300 },
        { series: `jvm_memory_limit_bytes{${a},jvm_memory_type="heap"}`, at: () => 1_000 },
      ];
    case 'go':
      return [
        ...both('http_request_duration_seconds', 'code', '200', '500'),
        { series: `go_goroutines{${a}}`, at: () => 8 },
        { series: `go_sched_gomaxprocs_threads{${a}}`, at: () => 2 },
        counter(`process_cpu_seconds_total{${a}}`, 0.5),
      ];
    case 'prom-client':
      return [
        ...both('http_request_duration_seconds', 'status_code', '200', '500', ',route="/cart"'),
        ...histogram('http_request_duration_seconds', `${a},route="/metrics",status_code="200"`, LOOSE),
        ...cpu,
      ];
    case 'micrometer':
      return [
        ...both('http_server_requests_seconds', 'outcome', 'SUCCESS', 'SERVER_ERROR', ',uri="/cart"'),
        ...histogram('http_server_requests_seconds', `${a},uri="/actuator/prometheus",outcome="SUCCESS"`, LOOSE),
        { series: `process_cpu_usage{${a}}`, at: () => 0.25 },
        { series: `jvm_memory_used_bytes{${a},area="heap"}`, at: () => 300 },
        { series: `jvm_memory_max_bytes{${a},area="heap",id="old"}`, at: () => 1_000 },
        { series: `jvm_memory_max_bytes{${a},area="heap",id="eden"}`, at: () => -1 },
      ];
    case 'fastapi':
      return [
        ...split('http_requests_total', 'status', '2xx', '5xx', ',handler="/cart"'),
        counter(`http_requests_total{${a},handler="/metrics",status="2xx"}`, 0.4),
        ...histogram('http_request_duration_highr_seconds', a, inSeconds),
        // As the real one does: another preset's name, without an outcome.
        ...histogram('http_request_duration_seconds', `${a},handler="/cart"`, inSeconds),
        ...cpu,
      ];
    case 'istio':
      return [
        ...split('istio_requests_total', 'response_code', '200', '0', ',reporter="destination"'),
        counter(`istio_requests_total{${a},reporter="source",response_code="200"}`, 10),
        ...histogram('istio_request_duration_milliseconds', `${a},reporter="destination"`, inMs),
      ];
    case 'ingress-nginx':
      return [
        ...split('nginx_ingress_controller_requests', 'status', '200', '502'),
        ...histogram('nginx_ingress_controller_request_duration_seconds', a, inSeconds),
      ];
    case 'traefik':
      return both('traefik_service_request_duration_seconds', 'code', '200', '502');
    case 'envoy':
      return [
        ...split('envoy_cluster_upstream_rq', 'envoy_response_code', '200', '503'),
        ...histogram('envoy_cluster_upstream_rq_time', a, inMs),
      ];
    case 'linkerd':
      return [
        ...split('response_total', 'classification', 'success', 'failure', ',direction="inbound"'),
        counter(`response_total{${a},direction="outbound",classification="failure"}`, 5),
        ...histogram('response_latency_ms', `${a},direction="inbound"`, inMs),
      ];
  }
}

/** The same in a cluster that scrapes every 30 s. */
const CLUSTER = [
  counter('container_cpu_usage_seconds_total{pod="checkout-1",container="app"}', 0.3),
  { series: 'container_memory_working_set_bytes{pod="checkout-1",container="app"}', at: () => 500 },
  { series: 'kube_pod_container_resource_limits{pod="checkout-1",container="app",resource="cpu"}', at: () => 1 },
  { series: 'kube_pod_container_resource_limits{pod="checkout-1",container="app",resource="memory"}', at: () => 1_000 },
];

/** Applications that are odd in one way each; 10 requests/s. */
const DURATION = 'http_server_request_duration_seconds';
const ODD: readonly SyntheticSeries[] = [
  ...histogram(DURATION, 'app="no-errors",http_response_status_code="200"', inSeconds),
  ...histogram(DURATION, 'app="no-label"', inSeconds),
  ...histogram(DURATION, 'app="idle",http_response_status_code="200"', { ...inSeconds, perSecond: 0 }),
  // Started anew after 20 minutes, its counters from zero.
  {
    series: `${DURATION}_count{app="reset",http_response_status_code="200"}`,
    at: (s) => 10 * (s < 1_200 ? s : s - 1_200),
  },
  // Two pods of which one goes and another comes, 20 minutes after the start.
  { series: `${DURATION}_count{app="rolling",pod="old"}`, at: (s) => (s <= 1_200 ? 10 * s : null) },
  { series: `${DURATION}_count{app="rolling",pod="new"}`, at: (s) => (s > 1_200 ? 10 * (s - 1_200) : null) },
  // Came ninety seconds ago, as every series has after a rollout.
  { series: `${DURATION}_count{app="fresh",http_response_status_code="200"}`, at: (s) => (s >= 2_310 ? 10 * s : null) },
  // Slower than its last bucket can tell.
  ...histogram(DURATION, 'app="slow",http_response_status_code="200"', { ...inSeconds, shares: { 0.1: 0.5 } }),
];

let prometheus: MonitoringServer;
let FROM_MS: number;
let END_MS: number;
let client: PrometheusClient;
const settings = (more: Partial<PrometheusSettings>): PrometheusSettings => ({
  url: prometheus.url,
  preset: null,
  selector: '',
  containers: null,
  queries: {},
  windowSeconds: null,
  versionLabel: null,
  control: null,
  ...more,
});
const request = (more: Partial<PrometheusSettings>) => ({
  settings: settings(more),
  credentials: NO_CREDENTIALS,
  timeoutMs: 60_000,
});
async function examined(more: Partial<PrometheusSettings>): Promise<Examination> {
  const examination = await client.examine(request(more), END_MS);
  if (examination.outcome !== 'examined') throw new Error(examination.reason);
  return examination;
}
const numbersOf = ({ numbers }: Examination) => Object.fromEntries(numbers.map(({ metric, value }) => [metric, value]));
const problemsOf = ({ numbers }: Examination) =>
  Object.fromEntries(numbers.map(({ metric, problem }) => [metric, problem]));

for (const server of seriesServers('tests of presets')) {
  describe.skipIf(server.missing)(`${server.name} as a source`, () => provenOn(server));
}

function provenOn({ timeMs, start }: SeriesServer): void {
  beforeAll(async () => {
    FROM_MS = timeMs;
    END_MS = FROM_MS + 40 * 60_000;
    prometheus = await start([...PRESET_NAMES.flatMap((preset) => seriesOf(preset, preset)), ...CLUSTER, ...ODD], {
      fromMs: FROM_MS,
      toMs: END_MS,
      stepSeconds: 30,
    });
    client = createPrometheusClient({
      allow: createAddressPolicy([{ address: '127.0.0.0', family: 'ipv4', prefixBits: 8 }]),
    });
  });
  afterAll(async () => {
    await client?.close();
    await prometheus?.[Symbol.asyncDispose]();
  });

  it.each(PRESET_NAMES)('finds %s by its series, the window by the scrapes, and reads its numbers', async (preset) => {
    const examination = await examined({ selector: `app="${preset}"` });
    expect(examination.settings).toMatchObject({ preset, windowSeconds: 120 });
    expect(examination.scrapeIntervalSeconds).toBe(30);
    const { requests_per_sec, latency_p95, error_rate } = numbersOf(examination);
    expect(requests_per_sec).toBeCloseTo(10, 3);
    expect(latency_p95).toBeCloseTo(193.75, 3);
    expect(error_rate).toBeCloseTo(0.04, 4);
    expect(examination.latencyMean).toBeCloseTo(100, 3);
    expect(examination.latencyBucket).toEqual({ low: 100, high: 200 });
    for (const { metric, minutesWithData, series } of examination.numbers) {
      if (['requests_per_sec', 'latency_p95', 'error_rate'].includes(metric)) {
        expect([metric, minutesWithData, series]).toEqual([metric, 15, 1]);
      }
    }
  });

  it.each(PRESET_NAMES)('shows of %s what docs/presets.md says', async (preset) => {
    const { numbers } = await examined({ selector: `app="${preset}"` });
    for (const { metric, value, query, problem } of numbers) {
      const expected = expectedNumbers(preset, `app="${preset}"`, 120)[metric];
      expect([metric, query, problem]).toEqual([metric, expected.query, expected.problem]);
      if (expected.value === null) expect(value).toBeNull();
      else expect(value).toBeCloseTo(expected.value, 3);
    }
  });

  it.each([
    ['otel', 0.25, 0.3],
    ['go', 0.25, null],
    ['prom-client', 0.25, null],
    ['micrometer', 0.25, 0.3],
    ['fastapi', 0.25, null],
    ['istio', null, null],
  ] as const)('reads CPU and memory of %s where they can be known, and says how else', async (preset, cpu, memory) => {
    const examination = await examined({ selector: `app="${preset}"`, preset });
    const numbers = numbersOf(examination);
    if (cpu === null) expect(problemsOf(examination).cpu_usage).toMatch(/set containers/);
    else expect(numbers.cpu_usage).toBeCloseTo(cpu, 4);
    if (memory === null) expect(problemsOf(examination).memory_usage).toMatch(/set containers/);
    else expect(numbers.memory_usage).toBeCloseTo(memory, 4);
  });

  it('takes CPU and memory from the containers that were named', async () => {
    const examination = await examined({ selector: 'app="istio"', containers: 'pod=~"checkout-.*"' });
    expect(numbersOf(examination).cpu_usage).toBeCloseTo(0.3, 4);
    expect(numbersOf(examination).memory_usage).toBeCloseTo(0.5, 4);
    expect(examination.cpuCores).toBeCloseTo(0.3, 4);
  });

  it('reads the sixty minutes before in one go, without those that nothing is known of', async () => {
    const span = await client.span(request({ selector: 'app="otel"', preset: 'otel', windowSeconds: 120 }), {
      endMs: END_MS,
      minutes: 60,
    });
    if ('outcome' in span) throw new Error(span.reason);
    // 40 minutes of data, the first of them without two scrapes.
    expect(span.length).toBeGreaterThanOrEqual(39);
    expect(span.length).toBeLessThanOrEqual(41);
    expect(span.at(-1)?.atMs).toBe(END_MS);
    const newest = span.at(-1)?.reading;
    expect(newest?.numbers.requests_per_sec).toBeCloseTo(10, 3);
    expect(newest?.facts).toMatchObject({ windowSeconds: 120, latencyBucket: { low: 100, high: 200 } });
    const gaps = span.slice(1).map(({ atMs }, index) => atMs - (span[index]?.atMs ?? 0));
    expect(new Set(gaps)).toEqual(new Set([60_000]));
  });

  it('no 5xx ever is an error rate of 0, a histogram without such a label is none', async () => {
    const clean = await examined({ selector: 'app="no-errors"' });
    expect(numbersOf(clean).error_rate).toBe(0);
    const blind = await examined({ selector: 'app="no-label"' });
    expect(numbersOf(blind)).toMatchObject({ error_rate: null });
    expect(numbersOf(blind).latency_p95).toBeCloseTo(193.75, 3);
    expect(problemsOf(blind).error_rate).toMatch(/carries none of the labels.*queries\.error_rate/);
    expect(blind.success).toBe(true);
  });

  it('no traffic is no fault: 0 requests/s, and latency and errors that nobody could measure', async () => {
    const reading = await client.minute(
      request({ selector: 'app="idle"', preset: 'otel', windowSeconds: 120 }),
      END_MS,
    );
    if (reading.outcome !== 'ok') throw new Error(reading.reason);
    expect(reading.reading.numbers).toMatchObject({ requests_per_sec: 0, latency_p95: null, error_rate: null });
    expect(reading.reading.missing).toMatchObject({ latency_p95: 'no_requests', error_rate: 'no_requests' });
    const examination = await examined({ selector: 'app="idle"', preset: 'otel' });
    expect(problemsOf(examination)).toMatchObject({ latency_p95: null, error_rate: null });
  });

  it('a counter that began anew is no drop and no peak', async () => {
    const span = await client.span(request({ selector: 'app="reset"', preset: 'otel', windowSeconds: 120 }), {
      endMs: FROM_MS + 25 * 60_000,
      minutes: 20,
    });
    if ('outcome' in span) throw new Error(span.reason);
    for (const { reading } of span) {
      expect(reading.numbers.requests_per_sec).toBeGreaterThan(7);
      expect(reading.numbers.requests_per_sec).toBeLessThan(13);
    }
  });

  it('a rolling restart is at most one window of glide', async () => {
    const span = await client.span(request({ selector: 'app="rolling"', preset: 'otel', windowSeconds: 120 }), {
      endMs: FROM_MS + 30 * 60_000,
      minutes: 20,
    });
    if ('outcome' in span) throw new Error(span.reason);
    const off = span.filter(({ reading }) => Math.abs((reading.numbers.requests_per_sec ?? 0) - 10) > 0.5);
    expect(off.length).toBeLessThanOrEqual(3);
    for (const { atMs } of off) expect(Math.abs(atMs - (FROM_MS + 20 * 60_000))).toBeLessThanOrEqual(180_000);
  });

  it('the window is found by when scrapes came, not by how many there are of an application that has just come', async () => {
    const examination = await examined({ selector: 'app="fresh"' });
    expect(examination).toMatchObject({ scrapeIntervalSeconds: 30, settings: { windowSeconds: 120 } });
    expect(numbersOf(examination).requests_per_sec).toBeGreaterThan(5);
  });

  it('a p95 beyond the last bucket has no edges', async () => {
    const examination = await examined({ selector: 'app="slow"' });
    expect(numbersOf(examination).latency_p95).toBe(100);
    expect(examination.latencyBucket).toBeNull();
  });

  it('a typo in the selector is answered with what there is', async () => {
    const examination = await examined({ selector: 'app="otle"', preset: 'otel' });
    expect(examination.success).toBe(false);
    expect(problemsOf(examination).requests_per_sec).toBe(
      'no series match app="otle"; there are: fresh, idle, no-errors, no-label, otel, reset, rolling, slow',
    );
  });

  it.each([
    ['a label that nobody carries', 'service="otel"', /none of .* has a label service/],
    [
      'matchers that only fit apart',
      'app="otel",http_response_status_code="777"',
      /http_response_status_code="777"; there are: 200, 503/,
    ],
    [
      'two that fit, but not together',
      'app="no-errors",http_response_status_code="503"',
      /each matcher fits some, but none fits all/,
    ],
  ])('%s is told', async (_, selector, problem) => {
    expect(problemsOf(await examined({ selector, preset: 'otel' })).requests_per_sec).toMatch(problem);
  });

  it('queries of one’s own need no preset; what is wrong with each is told, and the others count', async () => {
    const examination = await examined({
      selector: 'app="otel"',
      queries: {
        requests_per_sec: `sum(rate(${DURATION}_count{$selector}[$window]))`,
        latency_p95: `rate(${DURATION}_count[$window])`,
        error_rate: 'sum(rate(up{[$window]))',
        cpu_usage: 'vector(1.7)',
        memory_usage: 'vector(0) / vector(0)',
      },
    });
    expect(examination.settings).toMatchObject({ preset: null, windowSeconds: 60 });
    const problems = problemsOf(examination);
    expect(problems.latency_p95).toMatch(/met \d+ series, expected one: put sum/);
    // VictoriaMetrics: 422.
    expect(problems.error_rate).toMatch(/was refused: answered (400: .*parse error|422: .*unexpected token)/);
    expect(problems.cpu_usage).toMatch(/is 1.7, outside/);
    // VictoriaMetrics leaves points out that are NaN.
    expect(problems.memory_usage).toMatch(/is NaN|meets no series/);
    expect(examination.success).toBe(true);
  });
}
