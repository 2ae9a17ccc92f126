import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { describe, expect, test } from 'vitest';
import { numberOf, seriesOf } from '../../harness/exposition.ts';
import { allMetrics, catalog } from '../../otel/catalog/catalog.ts';
import { createScrape, createScrapeReader, type Exposition } from '../../otel/metrics/scrape.ts';
import { createViews } from '../../otel/metrics/views.ts';
import { scrapeText, startTestTelemetry } from './support/metrics.ts';

const { recordedAs: utilization, name: utilizationName } = catalog.eventLoopUtilization;

/** A gauge that observes what `observe` says, beside a counter that stands at 1. */
function openProvider(observe: () => number | null | Promise<never>): () => Promise<Exposition> {
  const reader = createScrapeReader();
  const provider = new MeterProvider({ views: createViews(allMetrics), readers: [reader] });
  provider
    .getMeter(utilization.meter)
    .createObservableGauge(utilization.instrument)
    .addCallback(async (result) => {
      const value = await observe();
      if (value !== null) result.observe(value);
    });
  const { meter, instrument } = catalog.jobsFailed.recordedAs;
  provider.getMeter(meter).createCounter(instrument).add(1);
  return createScrape(reader);
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; elapsedMs: number }> {
  const startedAt = performance.now();
  const result = await work();
  return { result, elapsedMs: performance.now() - startedAt };
}

const hanging = (): Promise<never> => new Promise(() => {});
const throwing = (): never => {
  throw new Error('cannot look');
};

describe('a scrape', () => {
  test.each([
    ['never answers', hanging],
    ['throws', throwing],
    ['observes nothing', () => null],
  ])('leaves out a gauge whose callback %s, though it knew a value before, and gives the rest', async (_, broken) => {
    let observe: () => number | null | Promise<never> = () => 0.5;
    const scrape = openProvider(() => observe());
    expect(numberOf((await scrape()).body, utilizationName)).toBe(0.5);

    observe = broken;
    const { result, elapsedMs } = await timed(scrape);
    expect(result.status).toBe(200);
    expect(result.body).not.toContain(utilizationName);
    expect(numberOf(result.body, catalog.jobsFailed.name)).toBe(1);
    expect(elapsedMs).toBeLessThan(10_000);

    observe = () => 0.7;
    expect(numberOf((await scrape()).body, utilizationName)).toBe(0.7);
  });

  test('answers 503 within a second when the collection never ends', async () => {
    const scrape = createScrape({ collect: hanging });
    const { result, elapsedMs } = await timed(scrape);
    expect(result).toEqual({
      status: 503,
      contentType: 'text/plain; charset=utf-8',
      body: 'the metrics could not be collected in time\n',
    });
    expect(elapsedMs).toBeLessThan(10_000);
  });

  test('answers 503 without the error’s text when collecting fails', async () => {
    const scrape = createScrape({ collect: () => Promise.reject(new Error('password=hunter2')) });
    const { status, body } = await scrape();
    expect(status).toBe(503);
    expect(body).not.toContain('hunter2');
  });

  test('shares one collection with the scrapes of the same moment, and none with later ones', async () => {
    let observations = 0;
    const scrape = openProvider(() => {
      observations += 1;
      return observations;
    });
    const [one, other] = await Promise.all([scrape(), scrape()]);
    expect(observations).toBe(1);
    expect(other).toEqual(one);
    await scrape();
    expect(observations).toBe(2);
  });

  test('after shutdown answers 503', async () => {
    const telemetry = await startTestTelemetry();
    await telemetry.shutdown();
    expect((await telemetry.scrape()).status).toBe(503);
  });
});

describe('the scheduler gauges', () => {
  const pending = catalog.jobsPending.name;
  const overdue = catalog.jobsOverdue.name;

  test('are left out until a source is set', async () => {
    await using telemetry = await startTestTelemetry();
    expect(await scrapeText(telemetry)).not.toContain('seqpulse_scheduler_jobs_pending');
    telemetry.setSchedulerDepthSource(() => ({ pending: 4, overdue: 1 }));
    const text = await scrapeText(telemetry);
    expect([numberOf(text, pending), numberOf(text, overdue)]).toEqual([4, 1]);
  });

  test('show 0 when nothing waits', async () => {
    await using telemetry = await startTestTelemetry();
    telemetry.setSchedulerDepthSource(() => ({ pending: 0, overdue: 0 }));
    const text = await scrapeText(telemetry);
    expect([numberOf(text, pending), numberOf(text, overdue)]).toEqual([0, 0]);
  });

  test.each([
    ['knows nothing', () => null],
    ['throws', throwing],
    ['is no number', () => ({ pending: Number.NaN, overdue: Number.NaN })],
  ])('vanish as soon as the source %s, and come back', async (_, broken) => {
    await using telemetry = await startTestTelemetry();
    telemetry.setSchedulerDepthSource(() => ({ pending: 4, overdue: 1 }));
    expect(numberOf(await scrapeText(telemetry), pending)).toBe(4);

    telemetry.setSchedulerDepthSource(broken);
    const text = await scrapeText(telemetry);
    expect(text).not.toMatch(/seqpulse_scheduler_jobs_(pending|overdue)/);
    expect(text).toContain('process_cpu_seconds_total');

    telemetry.setSchedulerDepthSource(() => ({ pending: 5, overdue: 0 }));
    expect(numberOf(await scrapeText(telemetry), pending)).toBe(5);
  });
});

describe('the clock’s offset', () => {
  const { name } = catalog.clockOffset;

  test('is left out until a source is set, and whenever that knows nothing or throws', async () => {
    await using telemetry = await startTestTelemetry();
    expect(await scrapeText(telemetry)).not.toContain(name);
    for (const broken of [() => null, throwing, () => Number.NaN]) {
      telemetry.setClockOffsetSource(() => -61.5);
      expect(numberOf(await scrapeText(telemetry), name)).toBe(-61.5);
      telemetry.setClockOffsetSource(broken);
      expect(await scrapeText(telemetry)).not.toContain(name);
    }
    telemetry.setClockOffsetSource(() => 0);
    expect(numberOf(await scrapeText(telemetry), name)).toBe(0);
  });
});

describe.skipIf(process.platform !== 'linux')('the process', () => {
  test('tells its memory and the version of its runtime', async () => {
    await using telemetry = await startTestTelemetry();
    const text = await scrapeText(telemetry);
    const resident = numberOf(text, 'process_resident_memory_bytes') ?? 0;
    expect(resident).toBeGreaterThan(10e6);
    expect(numberOf(text, 'process_virtual_memory_bytes')).toBeGreaterThan(resident);
    const [major, minor, patch] = process.versions.node.split('.');
    expect(seriesOf(text, 'nodejs_version_info')).toEqual([
      { name: 'nodejs_version_info', labels: { version: process.version, major, minor, patch }, value: 1 },
    ]);
  });
});

describe('with metrics not to be scraped', () => {
  test.each([
    [
      {
        OTEL_METRICS_EXPORTER: 'otlp',
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
        OTEL_EXPORTER_OTLP_TIMEOUT: '100',
      },
      'Metrics are not served here: OTEL_METRICS_EXPORTER=otlp, they are pushed by OTLP instead. Set it to prometheus,otlp to scrape them too.\n',
    ],
    [
      { OTEL_METRICS_EXPORTER: 'otlp' },
      'Metrics are not served here: OTEL_METRICS_EXPORTER=otlp, and with no OTEL_EXPORTER_OTLP_ENDPOINT none are pushed. Set it to prometheus,otlp to scrape them too.\n',
    ],
    [
      { OTEL_METRICS_EXPORTER: 'none' },
      'Metrics are not served here: OTEL_METRICS_EXPORTER=none. Set it to prometheus to scrape them.\n',
    ],
    [{ OTEL_SDK_DISABLED: 'true' }, 'OTEL_SDK_DISABLED=true switches all telemetry off.\n'],
  ])('%o answers 404 and says why', async (env, body) => {
    await using telemetry = await startTestTelemetry(env);
    expect(await telemetry.scrape()).toEqual({ status: 404, contentType: 'text/plain; charset=utf-8', body });
  });
});
