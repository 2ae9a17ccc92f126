import { execFileSync } from 'node:child_process';
import type { IncomingHttpHeaders } from 'node:http';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type OtlpSink, openOtlpSink, resourceOf, type Span } from '../../harness/otlp-sink.ts';
import { isUntraced } from '../../otel/signals/server-spans.ts';
import { stripUrl } from '../../otel/signals/undici-spans.ts';
import { openTarget, startTracedService } from './support/traced-service.ts';

const loadedPackages = fileURLToPath(new URL('fixtures/loaded-packages.ts', import.meta.url));

/** The spans of one request, sent with a traceparent of its own. */
async function traceOneRequest(path: string): Promise<{ sink: OtlpSink; spans: Span[]; traceparents: unknown[] }> {
  await using sink = await openOtlpSink();
  await using target = await openTarget();
  const { url, stop } = await startTracedService({
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    TARGET_URL: target.url,
  });
  const headers = { traceparent: `00-${TRACE_ID}-00f067aa0ba902b7-01` };
  expect(await (await fetch(`${url}${path}`, { headers })).json()).toEqual({ tracing: true });
  for (const quiet of ['/metrics', '/livez', '/readyz', '/health', '/health/scheduler?x=1']) {
    await (await fetch(`${url}${quiet}`)).text();
  }
  await stop();
  return { sink, spans: sink.spans(), traceparents: target.asked.map(({ traceparent }) => traceparent) };
}

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const SERVER = 2;
const CLIENT = 3;

describe('with an OTLP endpoint', () => {
  test('one request is one trace: server, SQL and outgoing call, carried on to the observed application', async () => {
    const { sink, spans, traceparents } = await traceOneRequest('/deployments/42?token=caller-secret');
    const bodies = sink.received.map(({ body }) => body.toString('latin1')).join('\n');

    // Metrics stay with the scrape, unless OTEL_METRICS_EXPORTER says otherwise.
    expect(new Set(sink.received.map(({ path }) => path))).toEqual(new Set(['/v1/traces']));
    // No command line, no user, no host.
    expect(Object.keys(resourceOf(sink.received[0]?.body ?? Buffer.alloc(0))).sort()).toEqual([
      'deployment.environment.name',
      'process.runtime.description',
      'process.runtime.name',
      'process.runtime.version',
      'service.instance.id',
      'service.name',
      'service.version',
      'telemetry.sdk.language',
      'telemetry.sdk.name',
      'telemetry.sdk.version',
    ]);
    expect(spans.map(({ traceId }) => traceId)).toEqual(spans.map(() => TRACE_ID));
    const server = spans.filter(({ kind }) => kind === SERVER);
    expect(server).toHaveLength(1);
    expect(server[0]).toMatchObject({
      name: 'GET /deployments/{id}',
      parentSpanId: '00f067aa0ba902b7',
      attributes: { 'http.route': '/deployments/{id}', 'http.response.status_code': '200' },
    });
    const query = spans.find(({ attributes }) => 'db.query.text' in attributes);
    expect(query).toMatchObject({ parentSpanId: server[0]?.spanId, kind: CLIENT });
    expect(query?.attributes['db.query.text']).toBe('select $1::text as answer from pg_sleep(0.02)');
    const outgoing = spans.find(({ attributes }) => attributes['url.path'] === '/seqpulse');
    expect(outgoing).toMatchObject({ parentSpanId: server[0]?.spanId, kind: CLIENT });
    expect(traceparents).toEqual([`00-${TRACE_ID}-${outgoing?.spanId}-01`]);

    // Health checks, scrapes and what runs outside of a request made no span.
    expect(bodies).not.toContain('polling');
    expect(bodies).not.toContain('/health');
    // Neither a caller's query string nor a target's, nor a value of a query.
    expect(bodies).not.toContain('secret');
    expect(spans.flatMap(({ attributes }) => Object.keys(attributes))).not.toContain('url.query');
    expect(outgoing?.attributes['url.full']).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/seqpulse$/);
  });

  test('requests that wait for one connection keep their statements in their own traces', async () => {
    await using sink = await openOtlpSink();
    await using target = await openTarget();
    const { url, stop } = await startTracedService({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.url, TARGET_URL: target.url });
    const traceIds = Array.from({ length: 12 }, (_, index) => `${index + 1}`.padStart(32, 'a'));
    await Promise.all(
      traceIds.map(async (traceId) => {
        const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
        await (await fetch(`${url}/deployments/42`, { headers })).text();
      }),
    );
    await stop();
    const statements = sink.spans().filter(({ attributes }) => 'db.query.text' in attributes);
    expect(statements.map(({ traceId }) => traceId).sort()).toEqual(traceIds.sort());
  });

  /** The spans of one request whose traceparent says "not sampled", sent with baggage. */
  async function askUnsampled(env: Record<string, string>): Promise<{ spans: Span[]; asked: IncomingHttpHeaders[] }> {
    await using sink = await openOtlpSink();
    await using target = await openTarget();
    const { url, stop } = await startTracedService({
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      TARGET_URL: target.url,
      ...env,
    });
    const headers = { traceparent: `00-${TRACE_ID}-00f067aa0ba902b7-00`, baggage: 'user=somebody' };
    await (await fetch(`${url}/deployments/42`, { headers })).text();
    await stop();
    return { spans: sink.spans(), asked: target.asked };
  }

  test('every trace is sampled, also one whose caller samples it not, and baggage goes no further', async () => {
    const { spans, asked } = await askUnsampled({});
    expect(spans.map(({ traceId }) => traceId)).toEqual([TRACE_ID, TRACE_ID, TRACE_ID]);
    expect(asked.map(({ baggage }) => baggage)).toEqual([undefined]);
    expect(asked[0]?.traceparent).toMatch(/-01$/);
  });

  test('OTEL_TRACES_SAMPLER and OTEL_PROPAGATORS decide otherwise', async () => {
    const { spans, asked } = await askUnsampled({
      OTEL_TRACES_SAMPLER: 'parentbased_always_on',
      OTEL_PROPAGATORS: 'tracecontext,baggage',
    });
    expect(spans).toEqual([]);
    expect(asked.map(({ baggage }) => baggage)).toEqual(['user=somebody']);
    expect(asked[0]?.traceparent).toMatch(/-00$/);
  });

  test('that nobody answers the service serves, and warns in one line without secrets', async () => {
    await using target = await openTarget();
    const { url, stop } = await startTracedService({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20sesame',
      OTEL_EXPORTER_OTLP_TIMEOUT: '100',
      OTEL_METRICS_EXPORTER: 'prometheus,otlp',
      OTEL_METRIC_EXPORT_INTERVAL: '100',
      OTEL_BSP_SCHEDULE_DELAY: '100',
      TARGET_URL: target.url,
    });
    for (let request = 0; request < 10; request += 1) {
      expect((await fetch(`${url}/deployments/42`)).status).toBe(200);
    }
    const lines = (await stop()).split('\n').filter((line) => line.includes('telemetry'));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'warn', event: 'telemetry_diagnostic' });
    expect(lines[0]).toContain('ECONNREFUSED');
    expect(lines[0]).not.toContain('sesame');
  });
});

test('without an endpoint there are no spans and no tracing packages', async () => {
  await using target = await openTarget();
  const { url, stop } = await startTracedService({ TARGET_URL: target.url });
  expect(await (await fetch(`${url}/deployments/42`)).json()).toEqual({ tracing: false });
  expect(target.asked.map(({ traceparent }) => traceparent)).toEqual([undefined]);
  expect(await stop()).toBe('');
});

describe('what is loaded', () => {
  const loadedWith = (env: Record<string, string>): string[] =>
    JSON.parse(execFileSync(process.execPath, [loadedPackages], { env, encoding: 'utf8' })) as string[];
  const heavy = /sdk-node|otlp|grpc|sdk-trace|sdk-logs|instrumentation-undici/;

  test('is no exporter and no tracing while nothing is pushed: they cost memory', () => {
    expect(loadedWith({}).filter((name) => heavy.test(name))).toEqual([]);
  });

  test('is the OTLP exporter of metrics alone when only metrics are pushed', () => {
    const loaded = loadedWith({
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://127.0.0.1:9/v1/metrics',
    });
    expect(loaded).toContain('@opentelemetry/exporter-metrics-otlp-proto');
    expect(loaded.filter((name) => /sdk-node|grpc|instrumentation-undici/.test(name))).toEqual([]);
  });
});

test.each(['/metrics', '/livez', '/readyz', '/db-check', '/health', '/health/', '/health/scheduler'])(
  '%s is not traced',
  (path) => expect(isUntraced(path)).toBe(true),
);

test.each(['/', '/healthy', '/metrics2', '/deployments/trigger', '/projects/health'])('%s is traced', (path) =>
  expect(isUntraced(path)).toBe(false),
);

test.each([
  ['https://me:secret@app.example:8443/metrics?key=1#x', 'https://app.example:8443/metrics'],
  ['http://app.example', 'http://app.example/'],
  ['not a url', undefined],
])('%s is put on a span as %s', (url, plain) => expect(stripUrl(url)).toBe(plain));
