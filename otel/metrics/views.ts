import type { AnyValue, Attributes } from '@opentelemetry/api';
import {
  type AggregationOption,
  AggregationTemporality,
  AggregationType,
  type IAttributesProcessor,
  InstrumentType,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics';
import { HTTP_METHODS } from '../catalog/catalog.ts';
import { type Label, type Metric, seriesLimitOf } from '../catalog/metric.ts';

/** What the specification calls a measurement beyond the limit; Prometheus shows `otel_metric_overflow="true"`. */
const OVERFLOW: Attributes = Object.freeze({ 'otel.metric.overflow': true });

/**
 * One view for each catalogued instrument: Prometheus name, description, buckets, labels, limit. They hold for every
 * reader, so what is scraped and what is pushed cannot differ. The views carry state (the label sets seen): make them
 * anew for each MeterProvider.
 *
 * @param withConventions a second view for each instrument of the semantic conventions, under its own name. Who shows
 *   only the catalogue leaves these out again (createScrape).
 * @throws when two rows claim one instrument: their views would both match and each measurement count twice.
 */
export function createViews(metrics: readonly Metric[], withConventions = false): ViewOptions[] {
  const claimed = new Map<string, string>();
  const views: ViewOptions[] = [];
  for (const metric of metrics) {
    const { meter, instrument } = metric.recordedAs;
    const owner = claimed.get(`${meter} ${instrument}`);
    if (owner !== undefined) throw new Error(`${metric.name} and ${owner} both claim ${instrument} of ${meter}`);
    claimed.set(`${meter} ${instrument}`, metric.name);
    // The meter too: instrumentation-http records an instrument of the same name, and it must not land here.
    const source = { meterName: meter, instrumentName: instrument };
    views.push({
      ...source,
      name: metric.name,
      description: metric.description,
      aggregation: aggregationOf(metric, metric.buckets),
      attributesProcessors: [createLabelProcessor(metric.labels, seriesLimitOf(metric))],
      // The SDK puts one place of its limit aside, and our overflow takes one: ours is always reached first.
      aggregationCardinalityLimit: seriesLimitOf(metric) + 2,
    });
    if (!withConventions || metric.convention === undefined) continue;
    const { attributes, buckets = metric.buckets } = metric.convention;
    views.push({
      ...source,
      aggregation: aggregationOf(metric, buckets),
      attributesProcessors: [createLabelProcessor(attributes.map(conventionLabel), CONVENTION_SERIES_LIMIT)],
      aggregationCardinalityLimit: CONVENTION_SERIES_LIMIT + 2,
    });
  }
  return views;
}

/** The specification's default, and about 30 routes × 11 methods × the few statuses a route has. */
const CONVENTION_SERIES_LIMIT = 2000;

function conventionLabel(attribute: string): Label {
  return attribute === 'http.request.method'
    ? { name: attribute, attribute, values: HTTP_METHODS, otherwise: '_OTHER' }
    : { name: attribute, attribute, values: 'route template' };
}

/** For a reader: an instrument without a view (every library's own metrics) is dropped, so only the catalogue is exported. */
export function dropUncatalogued(): AggregationOption {
  return { type: AggregationType.DROP };
}

/**
 * For a reader: cumulative, as Prometheus needs it, but for observable gauges. There the SDK repeats the last value for
 * ever when a callback throws, hangs or observes nothing; with delta it exports only what this collection observed.
 * A gauge itself has no temporality, so nothing else changes.
 */
export function temporalityOf(instrumentType: InstrumentType): AggregationTemporality {
  return instrumentType === InstrumentType.OBSERVABLE_GAUGE
    ? AggregationTemporality.DELTA
    : AggregationTemporality.CUMULATIVE;
}

function aggregationOf(metric: Metric, buckets: readonly number[] | undefined): AggregationOption {
  if (metric.kind !== 'histogram') return { type: AggregationType.DEFAULT };
  if (buckets === undefined) throw new Error(`${metric.name} is a histogram without buckets`);
  return {
    type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM,
    options: { boundaries: [...buckets], recordMinMax: false },
  };
}

/**
 * Recorded attributes → labels: only the catalogued ones, renamed, values outside their set replaced, and no more label
 * sets than the limit. The SDK has a limit too, but counts the sets since the last collection only: a label gone wrong
 * would still grow by that many at every scrape.
 */
function createLabelProcessor(wanted: readonly Label[], limit: number): IAttributesProcessor {
  const labels = wanted.map((label) => ({ label, toLabelValue: createToLabelValue(label) }));
  // The same object for the same labels: this is on the path of every request.
  const known = new Map<string, Attributes>();
  // What can't change has the same labels for ever. Whoever records often keeps its attributes frozen (instruments.ts).
  const ofFrozen = new WeakMap<Attributes, Attributes>();
  return {
    process(incoming) {
      const before = ofFrozen.get(incoming);
      if (before !== undefined) return before;
      const attributes = labelsOf(incoming);
      if (attributes !== OVERFLOW && Object.isFrozen(incoming)) ofFrozen.set(incoming, attributes);
      return attributes;
    },
  };

  function labelsOf(incoming: Attributes): Attributes {
    let key = '';
    for (const { label, toLabelValue } of labels) {
      const value = toLabelValue(incoming[label.attribute]);
      if (value === null) return OVERFLOW;
      key += `${value}\u0000`;
    }
    const seen = known.get(key);
    if (seen !== undefined) return seen;
    if (known.size >= limit) return OVERFLOW;
    const attributes: Attributes = {};
    for (const { label, toLabelValue } of labels) {
      const value = toLabelValue(incoming[label.attribute]);
      if (value) attributes[label.name] = value;
    }
    known.set(key, attributes);
    return attributes;
  }
}

/** Attribute → label value: '' leaves the label out, null means that the measurement belongs to no allowed label set. */
function createToLabelValue(label: Label): (recorded: AnyValue) => string | null {
  const allowed = typeof label.values === 'string' ? null : new Set<string>(label.values);
  return (recorded) => {
    if (recorded === undefined || recorded === null) return label.missing ?? '';
    const value = typeof recorded === 'string' ? recorded : String(recorded);
    if (allowed === null || allowed.has(value)) return value;
    return label.otherwise ?? null;
  };
}
