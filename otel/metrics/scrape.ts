import { setImmediate } from 'node:timers/promises';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MetricReader } from '@opentelemetry/sdk-metrics';
import { allMetrics } from '../catalog/catalog.ts';
import { toResourceLabels } from './resource-labels.ts';
import { dropUncatalogued, temporalityOf } from './views.ts';

/** An answer to `GET /metrics`. */
export interface Exposition {
  readonly status: 200 | 404 | 503;
  readonly contentType: string;
  readonly body: string;
}

/** For observable callbacks: what has not answered by then is left out. Nothing of ours waits for anything. */
const OBSERVE_TIMEOUT_MS = 300;
/** For the whole collection: a scrape must end in under a second. */
const SCRAPE_TIMEOUT_MS = 600;

/** What is pushed under the conventions' names beside these is not for the page (createViews). */
const CATALOGUED: ReadonlySet<string> = new Set(allMetrics.map(({ name }) => name));

const TEXT = 'text/plain; charset=utf-8';
const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * A reader that is only ever asked. The PrometheusExporter would do too, but it exports every library's metrics, repeats
 * the last value of gauges that are gone (see temporalityOf), and brings an HTTP server of its own.
 */
class ScrapeReader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

export function createScrapeReader(): MetricReader {
  return new ScrapeReader({
    aggregationSelector: dropUncatalogued,
    aggregationTemporalitySelector: temporalityOf,
  });
}

/**
 * Makes the function behind `GET /metrics`: everything `reader` knows in Prometheus' text format, without scope labels.
 * It never rejects and always ends within a second. Scrapes that arrive together share one collection: it begins
 * after the event loop has taken in what waits, and who comes later gets a new one, so nobody is shown the past.
 */
export function createScrape(reader: Pick<MetricReader, 'collect'>): () => Promise<Exposition> {
  const withoutScopeInfo = true;
  const serializer = new PrometheusSerializer('', false, undefined, false, withoutScopeInfo);
  let gathering: Promise<Exposition> | null = null;

  const collect = async (): Promise<Exposition> => {
    await setImmediate();
    gathering = null;
    const { resourceMetrics } = await reader.collect({ timeoutMillis: OBSERVE_TIMEOUT_MS });
    const resource = resourceFromAttributes(toResourceLabels(resourceMetrics.resource.attributes));
    const scopeMetrics = resourceMetrics.scopeMetrics.map((scope) => ({
      ...scope,
      metrics: scope.metrics.filter(({ descriptor }) => CATALOGUED.has(descriptor.name)),
    }));
    const body = serializer.serialize({ resource, scopeMetrics });
    return { status: 200, contentType: PROMETHEUS_TEXT, body };
  };
  return () => {
    gathering ??= withDeadline(collect());
    return gathering;
  };
}

/** For a service whose metrics are not scraped: says why. */
export function refuseScrape(reason: string): () => Promise<Exposition> {
  return () => Promise.resolve({ status: 404, contentType: TEXT, body: `${reason}\n` });
}

async function withDeadline(collection: Promise<Exposition>): Promise<Exposition> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<Exposition>((resolve) => {
    timer = setTimeout(() => resolve(unavailable('the metrics could not be collected in time')), SCRAPE_TIMEOUT_MS);
  });
  try {
    return await Promise.race([collection, deadline]);
  } catch {
    return unavailable('the metrics could not be collected; is the service shutting down?');
  } finally {
    clearTimeout(timer);
  }
}

function unavailable(reason: string): Exposition {
  return { status: 503, contentType: TEXT, body: `${reason}\n` };
}
