import { describe, expect, test } from 'vitest';
import { parseSettings } from '../../otel/settings/otel-settings.ts';
import { startTestTelemetry } from './support/metrics.ts';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

describe('faults', () => {
  test.each([
    ['OTEL_SDK_DISABLED', 'yes', 'expected true or false; got "yes"'],
    ['OTEL_METRICS_EXPORTER', 'promethius', 'expected none, or a comma list of prometheus, otlp; got "promethius"'],
    ['OTEL_METRICS_EXPORTER', 'none,otlp', 'expected none, or a comma list of prometheus, otlp; got "none,otlp"'],
    ['OTEL_TRACES_EXPORTER', 'zipkin', 'expected none, or a comma list of otlp, console; got "zipkin"'],
    ['OTEL_LOGS_EXPORTER', 'file', 'expected none, or a comma list of otlp, console; got "file"'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', 'expected a URL such as http://collector:4318'],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'ftp://collector', 'expected a URL such as http://collector:4318'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'token', 'expected key=value pairs separated by commas'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '10s', 'expected a whole number of milliseconds above 0; got "10s"'],
    ['OTEL_EXPORTER_OTLP_COMPRESSION', 'zstd', 'expected gzip or none; got "zstd"'],
    ['OTEL_METRIC_EXPORT_INTERVAL', '0', 'expected a whole number of milliseconds above 0; got "0"'],
    ['OTEL_METRIC_EXPORT_INTERVAL', '-5', 'expected a whole number of milliseconds above 0; got "-5"'],
    ['OTEL_TRACES_SAMPLER', 'sometimes', 'expected always_on or always_off or traceidratio or'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.1', 'expected a number from 0 to 1; got "1.1"'],
    ['OTEL_TRACES_SAMPLER_ARG', '-0.1', 'expected a number from 0 to 1; got "-0.1"'],
    [
      'OTEL_PROPAGATORS',
      'jaeger',
      'expected none, or a comma list of tracecontext, baggage, b3, b3multi; got "jaeger"',
    ],
    ['OTEL_RESOURCE_ATTRIBUTES', 'team', 'expected key=value pairs separated by commas; got "team"'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'team=%zz', 'expected key=value pairs separated by commas; got "team=%zz"'],
    ['OTEL_LOG_LEVEL', 'loud', 'expected none or error or warn or info or debug or verbose or all; got "loud"'],
    ['OTEL_BSP_MAX_QUEUE_SIZE', 'many', 'expected a whole number above 0; got "many"'],
    ['OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', 'delta', 'expected cumulative; got "delta"'],
  ])('%s=%s is one, and says what was expected', (name, value, message) => {
    expect(parseSettings({ [name]: value }).faults).toEqual([expect.stringContaining(`${name}: ${message}`)]);
  });

  test('grpc is refused with the way out', () => {
    expect(parseSettings({ ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }).faults).toEqual([
      'OTEL_EXPORTER_OTLP_PROTOCOL: expected http/protobuf (port 4318 of a Collector; grpc and http/json are not built in); got "grpc".',
    ]);
  });

  test.each([
    { OTEL_SDK_DISABLED: 'True' },
    { OTEL_METRICS_EXPORTER: 'prometheus,otlp', ...ENDPOINT },
    { OTEL_METRICS_EXPORTER: ' otlp , prometheus ', ...ENDPOINT },
    { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' },
    { OTEL_METRIC_EXPORT_INTERVAL: '1' },
    { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
    { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '1' },
    { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc,x-tenant=1' },
    { OTEL_METRICS_EXPORTER: '', OTEL_EXPORTER_OTLP_ENDPOINT: '  ' },
    { OTEL_LOG_LEVEL: 'DEBUG' },
  ])('%o has none', (env) => {
    expect(parseSettings(env).faults).toEqual([]);
  });

  test('are all reported together', () => {
    const env = { OTEL_METRICS_EXPORTER: 'x', OTEL_TRACES_SAMPLER: 'y', OTEL_EXPORTER_OTLP_ENDPOINT: 'z' };
    expect(parseSettings(env).faults).toHaveLength(3);
  });

  test('never repeat a header or a URL, which may hold a secret', () => {
    const { faults } = parseSettings({
      OTEL_EXPORTER_OTLP_HEADERS: 'sesame-open',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'grpc://user:sesame@collector',
    });
    expect(faults).toHaveLength(2);
    expect(faults.join()).not.toContain('sesame');
  });

  test('do not throw at the start, and nothing is pushed', async () => {
    await using telemetry = await startTestTelemetry({
      ...ENDPOINT,
      OTEL_METRICS_EXPORTER: 'prometheus,otlp',
      OTEL_METRIC_EXPORT_INTERVAL: 'often',
    });
    expect(telemetry.faults).toHaveLength(1);
    expect((await telemetry.scrape()).status).toBe(200);
    expect(parseSettings({ ...ENDPOINT, OTEL_LOG_LEVEL: 'loud' })).toMatchObject({ traces: null, logs: false });
  });
});

describe('what is exported', () => {
  const none = { metricsPush: null, traces: null, logs: false };

  test('by default only the scrape', () => {
    expect(parseSettings({})).toMatchObject({ ...none, scrapeRefusal: null, notices: [] });
  });

  test('with an endpoint traces too, while metrics stay with the scrape and logs on standard output', () => {
    expect(parseSettings(ENDPOINT)).toMatchObject({
      metricsPush: null,
      traces: { exporters: ['otlp'] },
      logs: false,
      scrapeRefusal: null,
    });
    expect(parseSettings({ ...ENDPOINT, OTEL_LOGS_EXPORTER: 'otlp' }).logs).toBe(true);
  });

  test('with an endpoint of one signal only that signal', () => {
    expect(parseSettings({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:4318/v1/traces' })).toMatchObject({
      traces: { exporters: ['otlp'] },
      logs: false,
    });
  });

  test('nothing without an endpoint, which a notice says', () => {
    const settings = parseSettings({ OTEL_METRICS_EXPORTER: 'otlp', OTEL_TRACES_EXPORTER: 'otlp,console' });
    expect(settings).toMatchObject({ ...none, faults: [] });
    expect(settings.notices).toEqual([
      'OTEL_METRICS_EXPORTER is otlp, but nothing is pushed: set OTEL_EXPORTER_OTLP_ENDPOINT as well.',
      'OTEL_TRACES_EXPORTER is otlp, but nothing is pushed: set OTEL_EXPORTER_OTLP_ENDPOINT as well.',
    ]);
  });

  test('the console needs no endpoint', () => {
    expect(parseSettings({ OTEL_TRACES_EXPORTER: 'console' })).toMatchObject({
      ...none,
      traces: { exporters: ['console'] },
      notices: [],
    });
  });

  test('none switches a signal off in spite of an endpoint', () => {
    const env = { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };
    expect(parseSettings(env)).toMatchObject(none);
  });

  test('OTEL_SDK_DISABLED switches everything off', () => {
    const env = { ...ENDPOINT, OTEL_METRICS_EXPORTER: 'prometheus,otlp', OTEL_SDK_DISABLED: 'true' };
    expect(parseSettings(env)).toMatchObject({ ...none, notices: [] });
  });
});

describe('the push of metrics', () => {
  const push = (env: Record<string, string>) => parseSettings({ OTEL_METRICS_EXPORTER: 'otlp', ...env }).metricsPush;

  test('has the standard defaults', () => {
    expect(push(ENDPOINT)).toEqual({
      url: 'http://collector:4318/v1/metrics',
      headers: {},
      compression: 'none',
      requestTimeoutMs: 10_000,
      intervalMs: 60_000,
      exportTimeoutMs: 30_000,
    });
  });

  test('takes the general endpoint with the signal’s path, with or without a slash at the end', () => {
    expect(push({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318/otlp/' })?.url).toBe('http://c:4318/otlp/v1/metrics');
    expect(push({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318/otlp' })?.url).toBe('http://c:4318/otlp/v1/metrics');
  });

  test('prefers the signal’s own settings, its endpoint as it stands', () => {
    const own = push({
      ...ENDPOINT,
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'https://m.example/in',
      OTEL_EXPORTER_OTLP_HEADERS: 'a=1,b=2',
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'b=3',
      OTEL_EXPORTER_OTLP_TIMEOUT: '5000',
      OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: '700',
      OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: 'gzip',
    });
    expect(own).toMatchObject({
      url: 'https://m.example/in',
      headers: { a: '1', b: '3' },
      requestTimeoutMs: 700,
      compression: 'gzip',
    });
  });

  test('never lets an export outlast the interval', () => {
    expect(push({ ...ENDPOINT, OTEL_METRIC_EXPORT_INTERVAL: '1000' })).toMatchObject({
      intervalMs: 1000,
      exportTimeoutMs: 1000,
    });
    const shorter = { OTEL_METRIC_EXPORT_INTERVAL: '1000', OTEL_METRIC_EXPORT_TIMEOUT: '400' };
    expect(push({ ...ENDPOINT, ...shorter })?.exportTimeoutMs).toBe(400);
  });
});

test('the secrets of headers and endpoints are known, so that they can be struck out', () => {
  const { secrets } = parseSettings({
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20sesame,x-tenant=1',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://me:open-up@collector/v1/traces',
  });
  expect(secrets).toEqual(['Bearer sesame', 'sesame', 'open-up']);
});
