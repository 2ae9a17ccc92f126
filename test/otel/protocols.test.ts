import { execFileSync } from 'node:child_process';
import type { IncomingHttpHeaders } from 'node:http';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { metricNamesOf, openOtlpSink, spansOf } from '../../harness/otlp-sink.ts';
import { openGrpcSink } from './support/grpc-sink.ts';
import { openTarget, startTracedService } from './support/traced-service.ts';

const loadedPackages = fileURLToPath(new URL('fixtures/loaded-packages.ts', import.meta.url));
const loadedWith = (env: Record<string, string>): string[] =>
  JSON.parse(execFileSync(process.execPath, [loadedPackages], { env, encoding: 'utf8' })) as string[];

const EVERYTHING = { OTEL_METRICS_EXPORTER: 'prometheus,otlp', OTEL_LOGS_EXPORTER: 'otlp' };

/** One request to the traced service, whose three signals are flushed at its end. */
async function serveOneRequest(env: Record<string, string>): Promise<{ readonly asked: IncomingHttpHeaders[] }> {
  await using target = await openTarget();
  const { url, stop } = await startTracedService({ ...EVERYTHING, ...env, TARGET_URL: target.url });
  expect((await fetch(`${url}/deployments/42`)).status).toBe(200);
  await stop();
  return { asked: target.asked };
}

describe('the protocol of OTLP', () => {
  test.each([
    ['a URL', (address: string) => `http://${address}`, {}],
    ['host and port', (address: string) => address, { OTEL_EXPORTER_OTLP_INSECURE: 'true' }],
  ])('is gRPC when that is asked for, for each signal, with %s as endpoint', async (_, endpointOf, more) => {
    await using sink = await openGrpcSink();
    await serveOneRequest({
      OTEL_EXPORTER_OTLP_ENDPOINT: endpointOf(sink.address),
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=7',
      ...more,
    });
    const messages = (service: string) => sink.calls.filter(({ path }) => path.includes(service));
    const spans = messages('TraceService').flatMap(({ message }) => spansOf(message));
    expect(spans.map(({ name }) => name)).toContain('GET /deployments/{id}');
    const metrics = messages('MetricsService').flatMap(({ message }) => metricNamesOf(message));
    expect(metrics).toContain('seqpulse_scheduler_jobs_failed_total');
    expect(sink.calls.map(({ headers }) => headers['x-tenant'])).toEqual(sink.calls.map(() => '7'));
  });

  test('is JSON over HTTP when that is asked for', async () => {
    await using sink = await openOtlpSink();
    await serveOneRequest({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' });
    const bodyOf = (signal: string) => {
      const received = sink.received.find(({ path }) => path === `/v1/${signal}`);
      expect(received?.headers['content-type']).toBe('application/json');
      return received?.body.toString() ?? '';
    };
    expect(bodyOf('traces')).toContain('GET /deployments/{id}');
    expect(bodyOf('metrics')).toContain('seqpulse_scheduler_jobs_failed_total');
  });

  test('may be another for one signal', async () => {
    await using http = await openOtlpSink();
    await using grpc = await openGrpcSink();
    await serveOneRequest({
      OTEL_EXPORTER_OTLP_ENDPOINT: http.url,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://${grpc.address}`,
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc',
    });
    expect(http.received.map(({ path }) => path)).not.toContain('/v1/traces');
    expect(http.received.map(({ path }) => path)).toContain('/v1/metrics');
    expect(grpc.calls.map(({ path }) => path)).toContain('/opentelemetry.proto.collector.trace.v1.TraceService/Export');
  });

  test.each([
    ['grpc', '@opentelemetry/exporter-metrics-otlp-grpc'],
    ['http/json', '@opentelemetry/exporter-metrics-otlp-http'],
    ['http/protobuf', '@opentelemetry/exporter-metrics-otlp-proto'],
  ])('%s loads its exporter of metrics and no other', (protocol, exporter) => {
    const loaded = loadedWith({
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://127.0.0.1:9',
      OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: protocol,
    });
    expect(loaded.filter((name) => name.includes('/exporter-') && !name.includes('prometheus'))).toContain(exporter);
    expect(loaded.some((name) => name.includes('grpc'))).toBe(protocol === 'grpc');
  });
});

test('a service with the variables of a foreign platform starts, and its traces go where the endpoint says', async () => {
  await using sink = await openOtlpSink();
  const { asked } = await serveOneRequest({
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    OTEL_SDK_DISABLED: 'no',
    OTEL_METRICS_EXPORTER: 'console',
    OTEL_TRACES_EXPORTER: 'zipkin',
    OTEL_LOGS_EXPORTER: 'logging',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/thrift',
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'lowmemory',
    OTEL_PROPAGATORS: 'none,ottrace,tracecontext',
    OTEL_TRACES_SAMPLER: 'parentbased_jaeger_remote',
    OTEL_TRACES_SAMPLER_ARG: 'endpoint=http://localhost:14250,pollingIntervalMs=5000',
    OTEL_RESOURCE_ATTRIBUTES: 'team',
    OTEL_BSP_SCHEDULE_DELAY: '5s',
    OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '-1',
  });
  const server = sink.spans().find(({ name }) => name === 'GET /deployments/{id}');
  expect(server?.attributes).toHaveProperty('http.response.status_code');
  // The SDK reads the environment too, and with that list by itself would make no propagator.
  expect(asked.map(({ traceparent }) => traceparent)).toEqual([expect.stringContaining(`00-${server?.traceId}-`)]);
});
