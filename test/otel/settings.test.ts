import { describe, expect, test } from 'vitest';
import { parseSettings } from '../../otel/settings/otel-settings.ts';
import { startTestTelemetry } from './support/metrics.ts';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

describe('what is ignored', () => {
  test.each([
    ['OTEL_SDK_DISABLED', 'yes', 'expected true or false; got "yes". It is ignored.'],
    [
      'OTEL_METRICS_EXPORTER',
      'promethius',
      'expected none, or a comma list of prometheus, otlp; got "promethius". It is',
    ],
    ['OTEL_METRICS_EXPORTER', 'console', 'expected none, or a comma list of prometheus, otlp; got "console". It is'],
    ['OTEL_METRICS_EXPORTER', 'none,prometheus', 'expected none, or a comma list of prometheus, otlp; got "none,'],
    ['OTEL_TRACES_EXPORTER', 'zipkin', 'expected none, or a comma list of otlp, console; got "zipkin". It is ignored.'],
    [
      'OTEL_TRACES_EXPORTER',
      'jaeger,console',
      'expected none, or a comma list of otlp, console; got "jaeger,console". The',
    ],
    ['OTEL_LOGS_EXPORTER', 'file', 'expected none, or a comma list of otlp, console; got "file"'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '10s', 'expected a whole number of milliseconds above 0; got "10s"'],
    ['OTEL_EXPORTER_OTLP_COMPRESSION', 'zstd', 'expected gzip or none; got "zstd"'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'http/thrift', 'expected http/protobuf or http/json or grpc; got "http/thrift"'],
    ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'udp', 'expected http/protobuf or http/json or grpc; got "udp"'],
    ['OTEL_METRIC_EXPORT_INTERVAL', '0', 'expected a whole number of milliseconds above 0; got "0"'],
    ['OTEL_METRIC_EXPORT_INTERVAL', '-5', 'expected a whole number of milliseconds above 0; got "-5"'],
    ['OTEL_TRACES_SAMPLER', 'sometimes', 'expected always_on or always_off or parentbased_always_on or'],
    ['OTEL_TRACES_SAMPLER', 'jaeger_remote', 'expected always_on or always_off or parentbased_always_on or'],
    ['OTEL_TRACES_SAMPLER', 'xray', 'expected always_on or always_off or parentbased_always_on or'],
    [
      'OTEL_PROPAGATORS',
      'jaeger',
      'expected none, or a comma list of tracecontext, baggage, b3, b3multi; got "jaeger". It is',
    ],
    [
      'OTEL_PROPAGATORS',
      'xray,ottrace,b3',
      'expected none, or a comma list of tracecontext, baggage, b3, b3multi; got',
    ],
    ['OTEL_RESOURCE_ATTRIBUTES', 'team', 'expected key=value pairs separated by commas; got "team"'],
    ['OTEL_RESOURCE_ATTRIBUTES', '=x', 'expected key=value pairs separated by commas; got "=x"'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'team=%zz', 'expected key=value pairs separated by commas; got "team=%zz"'],
    ['OTEL_LOG_LEVEL', 'loud', 'expected none or error or warn or info or debug or verbose or all; got "loud"'],
    ['OTEL_BSP_MAX_QUEUE_SIZE', 'many', 'expected a whole number above 0; got "many"'],
    ['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', '-1', 'expected a whole number above 0; got "-1"'],
    ['OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', 'delta', 'expected cumulative; got "delta"'],
    ['OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', 'lowmemory', 'expected cumulative; got "lowmemory"'],
  ])('%s=%s is said, with what was expected, and stops nothing', (name, value, message) => {
    const { faults, notices } = parseSettings({ [name]: value });
    expect(faults).toEqual([]);
    expect(notices[0]).toContain(`${name}: ${message}`);
  });

  test('is as if it were not set: the defaults hold', () => {
    const strange = {
      ...ENDPOINT,
      OTEL_METRICS_EXPORTER: 'console',
      OTEL_TRACES_EXPORTER: 'zipkin',
      OTEL_LOGS_EXPORTER: 'file',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'thrift',
      OTEL_TRACES_SAMPLER: 'jaeger_remote',
      OTEL_TRACES_SAMPLER_ARG: 'endpoint=http://agent:14250',
      OTEL_PROPAGATORS: 'jaeger,xray',
      OTEL_BSP_MAX_QUEUE_SIZE: 'many',
      OTEL_SDK_DISABLED: 'yes',
      OTEL_RESOURCE_ATTRIBUTES: 'team',
      OTEL_LOG_LEVEL: 'loud',
    };
    const ignored = Object.keys(strange).filter((name) => name !== 'OTEL_EXPORTER_OTLP_ENDPOINT');
    const { secrets: _, environment, notices, ...settings } = parseSettings(strange);
    const { secrets: __, environment: ___, ...plain } = parseSettings(ENDPOINT);
    expect({ ...settings, notices: [] }).toEqual(plain);
    // The argument of a sampler that is not there is nobody's fault.
    expect(notices).toHaveLength(ignored.length - 1);
    for (const name of ignored.filter((each) => each !== 'OTEL_TRACES_SAMPLER_ARG')) {
      expect(environment[name], name).toBeUndefined();
    }
  });

  test('leaves of a list what is known', () => {
    const settings = parseSettings({
      ...ENDPOINT,
      OTEL_METRICS_EXPORTER: 'console,OTLP',
      OTEL_TRACES_EXPORTER: 'zipkin,none,otlp',
      OTEL_PROPAGATORS: 'b3,xray,tracecontext',
    });
    expect(settings.metricsPush).not.toBeNull();
    expect(settings.traces?.exporters).toEqual(['otlp']);
    expect(settings.environment.OTEL_PROPAGATORS).toBe('b3,tracecontext');
  });

  test('of samplers and propagators leaves ours, not the SDK’s', () => {
    expect(parseSettings({ OTEL_TRACES_SAMPLER: 'xray', OTEL_PROPAGATORS: 'xray' })).toMatchObject({
      samplerNamed: false,
      propagatorsNamed: false,
    });
    expect(parseSettings({ OTEL_TRACES_SAMPLER: 'Always_Off', OTEL_PROPAGATORS: 'B3' })).toMatchObject({
      samplerNamed: true,
      propagatorsNamed: true,
      environment: { OTEL_TRACES_SAMPLER: 'always_off', OTEL_PROPAGATORS: 'b3' },
    });
  });
});

describe('faults', () => {
  const pushed = { ...ENDPOINT, OTEL_METRICS_EXPORTER: 'otlp', OTEL_LOGS_EXPORTER: 'otlp' };

  test.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, 'OTEL_EXPORTER_OTLP_ENDPOINT: expected a URL such as http://c'],
    [{ ...pushed, OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'ftp://c' }, 'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: expected a URL'],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'ftp://c' }, 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: expected a URL such as'],
    [{ ...pushed, OTEL_EXPORTER_OTLP_HEADERS: 'token' }, 'OTEL_EXPORTER_OTLP_HEADERS: expected key=value pairs'],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'no host', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      'OTEL_EXPORTER_OTLP_ENDPOINT: expected a URL or host and port such as http://collector:4317',
    ],
  ])('%o is one: everything pushed there would be lost', (env: Record<string, string>, message) => {
    expect(parseSettings(env).faults).toEqual([expect.stringContaining(message)]);
  });

  test.each<Record<string, string>>([
    { OTEL_SDK_DISABLED: 'True', OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318', OTEL_TRACES_EXPORTER: 'none' },
    { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'collector:4318' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:4318/v1/traces' },
    { OTEL_EXPORTER_OTLP_HEADERS: 'token' },
    { OTEL_METRICS_EXPORTER: 'prometheus,otlp', ...ENDPOINT },
    { OTEL_METRICS_EXPORTER: ' otlp , prometheus ', ...ENDPOINT },
    { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' },
    { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
    { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: '10.0.0.7:4317', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'GRPC' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc' },
    { OTEL_METRIC_EXPORT_INTERVAL: '1' },
    { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
    { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '1' },
    { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc,x-tenant=1' },
    { OTEL_METRICS_EXPORTER: '', OTEL_EXPORTER_OTLP_ENDPOINT: '  ' },
    { OTEL_LOG_LEVEL: 'DEBUG' },
  ])('%o has none, and nothing is ignored', (env) => {
    expect(parseSettings(env)).toMatchObject({ faults: [], notices: [] });
  });

  test('are all reported together', () => {
    const env = { ...pushed, OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'y', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'z' };
    expect(parseSettings(env).faults).toHaveLength(2);
  });

  test('never repeat a header or a URL, which may hold a secret', () => {
    const { faults } = parseSettings({
      OTEL_EXPORTER_OTLP_HEADERS: 'sesame-open',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'ldap://user:sesame@collector',
    });
    expect(faults).toHaveLength(2);
    expect(faults.join()).not.toContain('sesame');
  });

  test('do not throw at the start, and nothing is pushed', async () => {
    const env = { ...pushed, OTEL_METRICS_EXPORTER: 'prometheus,otlp', OTEL_EXPORTER_OTLP_HEADERS: 'token' };
    await using telemetry = await startTestTelemetry(env);
    expect(telemetry.faults).toHaveLength(1);
    expect((await telemetry.scrape()).status).toBe(200);
    expect(parseSettings(env)).toMatchObject({ metricsPush: null, traces: null, logs: false });
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
      protocol: 'http/protobuf',
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

  test('by gRPC takes the general endpoint as it stands', () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4317', OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'grpc' };
    expect(push(env)).toMatchObject({ protocol: 'grpc', url: 'http://c:4317' });
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
