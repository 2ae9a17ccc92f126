import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { describe, expect, test } from 'vitest';
import { numberOf, parseExposition, seriesOf } from '../../harness/exposition.ts';
import { allMetrics, catalog } from '../../otel/catalog/catalog.ts';
import { closedLabelSets, type Metric, seriesLimitOf } from '../../otel/catalog/metric.ts';
import { createScrape, createScrapeReader } from '../../otel/metrics/scrape.ts';
import { createViews } from '../../otel/metrics/views.ts';
import { SCOPE_NAME } from '../../src/model/telemetry.ts';

/** A provider with the catalogue's views, and the text it gives. */
function openProvider(): { provider: MeterProvider; scrapeText(): Promise<string> } {
  const reader = createScrapeReader();
  const provider = new MeterProvider({ views: createViews(allMetrics), readers: [reader] });
  const scrape = createScrape(reader);
  return { provider, scrapeText: async () => (await scrape()).body };
}

/** One attribute set that the metric allows. */
function exampleOf(metric: Metric): Record<string, string> {
  return Object.fromEntries(
    metric.labels.map(({ attribute, values }) => [attribute, typeof values === 'string' ? 'x' : (values[0] ?? '')]),
  );
}

function recordOnce(provider: MeterProvider, metric: Metric, attributes: Record<string, string>): void {
  const meter = provider.getMeter(metric.recordedAs.meter);
  const { instrument } = metric.recordedAs;
  if (metric.kind === 'counter') meter.createCounter(instrument).add(1, attributes);
  else if (metric.kind === 'gauge') meter.createGauge(instrument).record(1, attributes);
  else meter.createHistogram(instrument).record(1, attributes);
}

describe('views', () => {
  test.each(allMetrics)('$recordedAs.instrument comes out as $name with only its labels', async (metric) => {
    const { provider, scrapeText } = openProvider();
    recordOnce(provider, metric, { ...exampleOf(metric), 'server.address': 'db.internal', deployment_id: '42' });
    const text = await scrapeText();
    const name = metric.kind === 'histogram' ? `${metric.name}_bucket` : metric.name;
    const labels = Object.fromEntries(
      metric.labels.map((label) => [label.name, exampleOf(metric)[label.attribute] ?? '']),
    );
    const expected =
      metric.kind === 'histogram'
        ? [...(metric.buckets ?? []), '+Inf'].map((le) => ({ ...labels, le: String(le) }))
        : [labels];
    expect(seriesOf(text, name).map((series) => series.labels)).toEqual(expected);
    expect(text).toContain(`# HELP ${metric.name} ${metric.description}\n`);
  });

  test.each([
    '@opentelemetry/instrumentation-http',
    '@opentelemetry/instrumentation-undici',
    '@opentelemetry/instrumentation-pg',
    'pg-boss',
  ])('what %s records is dropped, also under a catalogued instrument name', async (meterName) => {
    const { provider, scrapeText } = openProvider();
    const meter = provider.getMeter(meterName);
    meter.createHistogram('http.server.request.duration').record(1, { 'http.route': '/x' });
    meter.createCounter('seqpulse.http.requests').add(1);
    meter.createCounter('jobs.processed').add(1);
    meter.createObservableGauge('queue.size').addCallback((result) => result.observe(1));
    expect(parseExposition(await scrapeText()).map(({ name }) => name)).toEqual(['target_info']);
  });

  test('an instrument of our own that the catalogue lacks is dropped', async () => {
    const { provider, scrapeText } = openProvider();
    provider.getMeter(SCOPE_NAME).createCounter('seqpulse.secret').add(1);
    expect(await scrapeText()).not.toContain('secret');
  });

  test('two rows that claim one instrument are refused', () => {
    const twice = { ...catalog.jobsFailed, name: 'seqpulse_other_total' };
    expect(() => createViews([catalog.jobsFailed, twice])).toThrow(
      'seqpulse_other_total and seqpulse_scheduler_jobs_failed_total both claim',
    );
  });

  test('a histogram without buckets is refused', () => {
    const { buckets: _, ...bucketless } = catalog.jobStartDelay;
    expect(() => createViews([bucketless])).toThrow('is a histogram without buckets');
  });
});

describe('labels', () => {
  async function pathsAndMethods(attributes: Record<string, string | number>): Promise<unknown> {
    const { provider, scrapeText } = openProvider();
    provider.getMeter(SCOPE_NAME).createCounter('seqpulse.http.requests').add(1, attributes);
    return seriesOf(await scrapeText(), catalog.httpRequests.name).map(({ labels }) => labels);
  }

  test('a method that the conventions do not know is _OTHER', async () => {
    const attributes = { 'http.request.method': 'PURGE', 'http.route': '/livez', 'http.response.status_code': 405 };
    expect(await pathsAndMethods(attributes)).toEqual([{ method: '_OTHER', path: '/livez', status_code: '405' }]);
  });

  test('a method that the conventions know stays', async () => {
    const attributes = { 'http.request.method': 'PATCH', 'http.route': '/livez', 'http.response.status_code': 405 };
    expect(await pathsAndMethods(attributes)).toEqual([{ method: 'PATCH', path: '/livez', status_code: '405' }]);
  });

  test('a request that no route matched has the path __unmatched__', async () => {
    const attributes = { 'http.request.method': 'GET', 'http.response.status_code': 404 };
    expect(await pathsAndMethods(attributes)).toEqual([{ method: 'GET', path: '__unmatched__', status_code: '404' }]);
  });

  test('a value outside a closed set without a substitute counts as overflow, under no name of its own', async () => {
    const { provider, scrapeText } = openProvider();
    provider
      .getMeter(SCOPE_NAME)
      .createCounter('seqpulse.analysis.verdict')
      .add(1, { 'seqpulse.verdict.name': 'maybe' });
    expect(seriesOf(await scrapeText(), catalog.analysisVerdicts.name)).toEqual([
      { name: catalog.analysisVerdicts.name, labels: { otel_metric_overflow: 'true' }, value: 1 },
    ]);
  });
});

describe('the limit of label sets', () => {
  const { name } = catalog.httpRequests;
  const limit = seriesLimitOf(catalog.httpRequests);

  function countRoutes(provider: MeterProvider, from: number, to: number): void {
    const counter = provider.getMeter(SCOPE_NAME).createCounter('seqpulse.http.requests');
    for (let route = from; route < to; route += 1) counter.add(1, { 'http.route': `/${route}` });
  }

  test('lets exactly that many through', async () => {
    const { provider, scrapeText } = openProvider();
    countRoutes(provider, 0, limit);
    const series = seriesOf(await scrapeText(), name);
    expect(series).toHaveLength(limit);
    expect(series.some(({ labels }) => 'otel_metric_overflow' in labels)).toBe(false);
  });

  test('counts everything beyond in one series', async () => {
    const { provider, scrapeText } = openProvider();
    countRoutes(provider, 0, limit + 5);
    const text = await scrapeText();
    expect(seriesOf(text, name)).toHaveLength(limit + 1);
    expect(numberOf(text, name, { otel_metric_overflow: 'true' })).toBe(5);
  });

  test('holds from scrape to scrape, where the limit of the SDK begins anew', async () => {
    const { provider, scrapeText } = openProvider();
    for (let scrape = 0; scrape < 3; scrape += 1) {
      countRoutes(provider, scrape * limit, (scrape + 1) * limit);
      await scrapeText();
    }
    const text = await scrapeText();
    expect(seriesOf(text, name)).toHaveLength(limit + 1);
    expect(numberOf(text, name, { otel_metric_overflow: 'true' })).toBe(2 * limit);
  });

  test('never stands in the way of a closed set', async () => {
    const { provider, scrapeText } = openProvider();
    const metric = catalog.analysisFailedMetrics;
    const counter = provider.getMeter(SCOPE_NAME).createCounter(metric.recordedAs.instrument);
    const sets = closedLabelSets(metric) ?? [];
    for (const labels of sets) counter.add(1, labels);
    expect(seriesOf(await scrapeText(), metric.name).map(({ value }) => value)).toEqual(sets.map(() => 1));
  });
});
