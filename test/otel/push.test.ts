import { describe, expect, test } from 'vitest';
import { identitiesOf, numberOf } from '../../harness/exposition.ts';
import {
  metricIdentitiesOf,
  metricNamesOf,
  metricPointsOf,
  openOtlpSink,
  resourceOf,
} from '../../harness/otlp-sink.ts';
import { allMetrics, catalog } from '../../otel/catalog/catalog.ts';
import { churnMemory, recordEverything, scrapeText, startTestTelemetry } from './support/metrics.ts';

const METRICS = '/v1/metrics';

function pushing(url: string, more: Record<string, string> = {}): Record<string, string> {
  return {
    OTEL_METRICS_EXPORTER: 'prometheus,otlp',
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_METRIC_EXPORT_INTERVAL: '50',
    ...more,
  };
}

/** The runtime's own metrics appear when they have something to say: the comparison waits for all of them. */
function isComplete(body: Buffer): boolean {
  const names = metricNamesOf(body);
  return ['nodejs_eventloop_delay_p99_seconds', 'v8js_gc_duration_seconds'].every((name) => names.includes(name));
}

/** Garbage collections of whichever kind happen between a scrape and a push. */
function withoutGcKinds(identities: readonly string[]): string[] {
  return [...new Set(identities.map((identity) => identity.replace(/v8js_gc_type="\w+"/, 'v8js_gc_type')))];
}

describe('pushing by OTLP', () => {
  test('sends exactly the names and label sets that a scrape shows', async () => {
    await using sink = await openOtlpSink();
    await using telemetry = await startTestTelemetry(pushing(sink.url, { OTEL_METRIC_EXPORT_INTERVAL: '300' }));
    telemetry.setSchedulerDepthSource(() => ({ pending: 4, overdue: 1 }));
    telemetry.setClockOffsetSource(() => 0.1);
    recordEverything(telemetry);
    churnMemory();
    const pushed = await sink.waitFor(METRICS, ({ body }) => isComplete(body));
    // Taken right after a push the event loop's delay would be missing: it needs five probes.
    let scraped = await scrapeText(telemetry);
    while (!scraped.includes('nodejs_eventloop_delay_p99_seconds')) {
      await new Promise((resolve) => setTimeout(resolve, 60));
      scraped = await scrapeText(telemetry);
    }
    const scrapedIdentities = identitiesOf(scraped).filter((identity) => !identity.startsWith('target_info'));
    expect(withoutGcKinds(metricIdentitiesOf(pushed.body))).toEqual(withoutGcKinds(scrapedIdentities));
    expect(metricNamesOf(pushed.body).sort()).toEqual(allMetrics.map(({ name }) => name).sort());
  });

  test('sends the same resource that target_info shows', async () => {
    await using sink = await openOtlpSink();
    await using _ = await startTestTelemetry(pushing(sink.url, { SEQPULSE_ENV: 'prod' }));
    const { body } = await sink.waitFor(METRICS);
    expect(resourceOf(body)).toEqual({
      'telemetry.sdk.name': 'opentelemetry',
      'telemetry.sdk.language': 'nodejs',
      'telemetry.sdk.version': expect.any(String),
      'process.runtime.name': 'nodejs',
      'process.runtime.version': process.versions.node,
      'process.runtime.description': 'Node.js',
      'service.name': 'seqpulse-backend',
      'service.version': '1.2.3',
      'service.instance.id': '00000000-0000-4000-8000-000000000000',
      'deployment.environment.name': 'prod',
    });
  });

  test('is protobuf with the headers that were set, those of the signal first', async () => {
    await using sink = await openOtlpSink();
    const headers = {
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc,x-tenant=1',
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'x-tenant=2',
    };
    await using _ = await startTestTelemetry(pushing(sink.url, headers));
    expect((await sink.waitFor(METRICS)).headers).toMatchObject({
      'content-type': 'application/x-protobuf',
      authorization: 'Bearer abc',
      'x-tenant': '2',
    });
  });

  test('is compressed when that is asked for', async () => {
    await using sink = await openOtlpSink();
    await using _ = await startTestTelemetry(pushing(sink.url, { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' }));
    expect((await sink.waitFor(METRICS)).headers['content-encoding']).toBe('gzip');
  });

  test('leaves scraping cumulative, whoever asks first', async () => {
    await using sink = await openOtlpSink();
    await using telemetry = await startTestTelemetry(pushing(sink.url));
    telemetry.instruments.jobGaveUp();
    await sink.waitFor(METRICS);
    telemetry.instruments.jobGaveUp();
    const already = sink.received.length;
    await sink.waitFor(METRICS, () => sink.received.length > already);
    expect(numberOf(await scrapeText(telemetry), catalog.jobsFailed.name)).toBe(2);
  });

  test('leaves out the scheduler gauges as soon as they are unknown', async () => {
    await using sink = await openOtlpSink();
    await using telemetry = await startTestTelemetry(pushing(sink.url));
    const has = (body: Buffer): boolean => metricNamesOf(body).includes(catalog.jobsPending.name);
    telemetry.setSchedulerDepthSource(() => ({ pending: 4, overdue: 1 }));
    await sink.waitFor(METRICS, ({ body }) => has(body));
    telemetry.setSchedulerDepthSource(() => null);
    const already = sink.received.length;
    // One push may have been under way.
    await sink.waitFor(METRICS, () => sink.received.length > already + 1);
    expect(sink.received.slice(already + 1).map(({ body }) => has(body))).not.toContain(true);
  });

  test('with otlp alone serves no scrape, and pushes all the same', async () => {
    await using sink = await openOtlpSink();
    await using telemetry = await startTestTelemetry(pushing(sink.url, { OTEL_METRICS_EXPORTER: 'otlp' }));
    expect((await telemetry.scrape()).status).toBe(404);
    telemetry.instruments.jobGaveUp();
    expect(metricNamesOf((await sink.waitFor(METRICS)).body)).toContain(catalog.jobsFailed.name);
  });

  test('has the names of the semantic conventions too where that is asked for, and the page has not', async () => {
    await using sink = await openOtlpSink();
    await using telemetry = await startTestTelemetry(pushing(sink.url, { SEQPULSE_OTLP_METRIC_NAMES: 'both' }));
    const request = { durationSeconds: 0.2 };
    telemetry.instruments.httpRequestHandled({ ...request, method: 'PURGE', route: '/deployments', statusCode: 405 });
    telemetry.instruments.httpRequestHandled({ ...request, method: 'QUERY', route: undefined, statusCode: 503 });
    const { body } = await sink.waitFor(METRICS, ({ body }) => metricNamesOf(body).includes(catalog.httpRequests.name));
    const duration = 'http.server.request.duration';
    expect(metricPointsOf(body).filter(({ name }) => name === duration)).toEqual([
      {
        name: duration,
        unit: 's',
        attributes: {
          'http.request.method': '_OTHER',
          'http.route': '/deployments',
          'http.response.status_code': '405',
          'url.scheme': 'http',
        },
      },
      {
        name: duration,
        unit: 's',
        attributes: {
          'http.request.method': 'QUERY',
          'http.response.status_code': '503',
          'url.scheme': 'http',
          'error.type': '503',
        },
      },
    ]);
    expect(metricNamesOf(body)).toEqual(expect.arrayContaining(['process.cpu.time', 'v8js.memory.heap.used']));
    const text = await scrapeText(telemetry);
    expect(text).not.toMatch(/^(http_server|process_cpu_time|v8js_memory_heap_used[ {])/m);
    expect(numberOf(text, `${catalog.httpRequestDuration.name}_count`, { method: 'QUERY' })).toBe(1);
  });

  test('does not happen by default, though an endpoint is set', async () => {
    await using sink = await openOtlpSink();
    const telemetry = await startTestTelemetry(pushing(sink.url, { OTEL_METRICS_EXPORTER: 'prometheus' }));
    await telemetry.shutdown();
    expect(sink.received).toEqual([]);
  });
});

describe('a Collector that is away', () => {
  test('does not keep the service from starting, recording and being scraped; once it is there the push goes on', async () => {
    const first = await openOtlpSink();
    const port = Number(new URL(first.url).port);
    await first[Symbol.asyncDispose]();
    await using telemetry = await startTestTelemetry(pushing(first.url, { OTEL_EXPORTER_OTLP_TIMEOUT: '100' }));
    telemetry.instruments.jobGaveUp();
    expect(numberOf(await scrapeText(telemetry), catalog.jobsFailed.name)).toBe(1);

    await using back = await openOtlpSink(undefined, port);
    const { body } = await back.waitFor(METRICS);
    expect(metricNamesOf(body)).toContain(catalog.jobsFailed.name);
  });
});

describe('shutdown', () => {
  test('flushes what was recorded since the last push', async () => {
    await using sink = await openOtlpSink();
    const telemetry = await startTestTelemetry(pushing(sink.url, { OTEL_METRIC_EXPORT_INTERVAL: '60000' }));
    telemetry.instruments.jobGaveUp();
    telemetry.instruments.httpRequestHandled({
      method: 'GET',
      route: '/livez',
      statusCode: 200,
      durationSeconds: 0.001,
    });
    await telemetry.shutdown();
    expect(sink.received).toHaveLength(1);
    const names = metricNamesOf(sink.received[0]?.body ?? Buffer.alloc(0));
    expect(names).toEqual(expect.arrayContaining([catalog.jobsFailed.name, catalog.httpRequests.name]));
  });

  test('gives up after 5 s on a Collector that takes the request and never answers', async () => {
    await using sink = await openOtlpSink(() => {});
    const telemetry = await startTestTelemetry(pushing(sink.url, { OTEL_METRIC_EXPORT_INTERVAL: '60000' }));
    const startedAt = performance.now();
    await telemetry.shutdown();
    const elapsedMs = performance.now() - startedAt;
    expect(elapsedMs).toBeGreaterThan(4_900);
    expect(elapsedMs).toBeLessThan(65_000);
  });

  test('happens once, and whoever asks again waits for the same flush', async () => {
    await using sink = await openOtlpSink();
    const telemetry = await startTestTelemetry(pushing(sink.url, { OTEL_METRIC_EXPORT_INTERVAL: '60000' }));
    const first = telemetry.shutdown();
    await telemetry.shutdown();
    expect(sink.received).toHaveLength(1);
    await first;
    await telemetry.shutdown();
    expect(sink.received).toHaveLength(1);
  });
});
