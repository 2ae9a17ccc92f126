import type { Attributes, Counter, Meter } from '@opentelemetry/api';
import { diag } from '@opentelemetry/api';
import type { Instruments } from '../../src/model/telemetry.ts';
import { catalog } from '../catalog/catalog.ts';
import { closedLabelSets, type Metric } from '../catalog/metric.ts';

/**
 * Creates the instruments of the catalogue on `meter`. Counters whose labels are closed sets start at 0: `increase()`
 * cannot see a series that is born at 1.
 */
export function createInstruments(meter: Meter): Instruments {
  const countHttpRequest = createTally(meter, catalog.httpRequests);
  const jobsFailed = createCounter(meter, catalog.jobsFailed);
  const metricsCollected = createCounter(meter, catalog.metricsCollected);
  const baselineSamples = createCounter(meter, catalog.baselineSamples);
  const analysisVerdicts = createCounter(meter, catalog.analysisVerdicts);
  const analysisFailedMetrics = createCounter(meter, catalog.analysisFailedMetrics);
  const verdictFeedback = createCounter(meter, catalog.verdictFeedback);
  const recordHttpRequestDuration = createDurationRecorder(meter, catalog.httpRequestDuration);
  const recordJobStartDelay = createDurationRecorder(meter, catalog.jobStartDelay);
  const recordAnalysisDuration = createDurationRecorder(meter, catalog.analysisDuration);
  const recordTargetRequestDuration = createDurationRecorder(meter, catalog.targetRequestDuration);
  const lastOutcome = meter.createGauge(
    instrumentOf(catalog.analysisLastOutcome),
    optionsOf(catalog.analysisLastOutcome),
  );

  return {
    httpRequestHandled: neverThrowing(({ method, route, statusCode, durationSeconds }) => {
      recordHttpRequestDuration(durationSeconds, { 'http.request.method': method, 'http.route': route });
      countHttpRequest(`${statusCode} ${method} ${route}`, () => ({
        'http.request.method': method,
        'http.route': route,
        'http.response.status_code': statusCode,
      }));
    }),
    jobStarted: neverThrowing(({ jobType, startDelaySeconds }) => {
      recordJobStartDelay(startDelaySeconds, { job_type: jobType });
    }),
    jobGaveUp: neverThrowing(() => jobsFailed.add(1)),
    sampleCollected: neverThrowing((phase) => metricsCollected.add(1, { phase })),
    baselineSamplesStored: neverThrowing((count) => baselineSamples.add(count)),
    analysisFinished: neverThrowing(({ outcome, durationSeconds, atUnixSeconds }) => {
      recordAnalysisDuration(durationSeconds, { outcome });
      if (Number.isFinite(atUnixSeconds)) lastOutcome.record(atUnixSeconds, { outcome });
    }),
    verdictReached: neverThrowing(({ verdict, failedMetrics }) => {
      analysisVerdicts.add(1, { verdict });
      for (const { metric, critical } of failedMetrics) {
        analysisFailedMetrics.add(1, { metric, critical: String(critical) });
      }
    }),
    feedbackGiven: neverThrowing(({ verdict, correct }) => {
      verdictFeedback.add(1, { verdict, correct: String(correct) });
    }),
    targetRead: neverThrowing(({ outcome, durationSeconds }) => {
      recordTargetRequestDuration(durationSeconds, { outcome });
    }),
  };
}

function createCounter(meter: Meter, metric: Metric): Counter {
  const counter = meter.createCounter(instrumentOf(metric), optionsOf(metric));
  for (const labels of closedLabelSets(metric) ?? []) counter.add(0, labels);
  return counter;
}

/**
 * A counter on the path of every request: counted here by `key`, which must name one label set, and added when the SDK
 * collects. Added one by one, the SDK would sort and serialize the labels of each.
 */
function createTally(meter: Meter, metric: Metric): (key: string, attributesOf: () => Attributes) => void {
  const counter = createCounter(meter, metric);
  const tallies = new Map<string, { readonly attributes: Attributes; count: number }>();
  // Callbacks of observable instruments run before a collection looks at any counter. This one observes nothing and has
  // no view, so that nothing of it is exported.
  const beforeCollection = meter.createObservableGauge(`${instrumentOf(metric)}.tally`);
  beforeCollection.addCallback(() => {
    for (const tally of tallies.values()) {
      if (tally.count > 0) counter.add(tally.count, tally.attributes);
      tally.count = 0;
    }
  });
  return (key, attributesOf) => {
    const tally = tallies.get(key);
    if (tally === undefined) tallies.set(key, { attributes: attributesOf(), count: 1 });
    else tally.count += 1;
  };
}

/** Infinity would stay in the histogram's sum for ever, and a negative value is refused by the SDK with a warning. */
function createDurationRecorder(meter: Meter, metric: Metric): (seconds: number, attributes: Attributes) => void {
  const histogram = meter.createHistogram(instrumentOf(metric), optionsOf(metric));
  return (seconds, attributes) => {
    if (Number.isFinite(seconds)) histogram.record(Math.max(0, seconds), attributes);
  };
}

function instrumentOf(metric: Metric): string {
  if (metric.recordedAs === 'reading') throw new Error(`${metric.name} is read, not recorded`);
  return metric.recordedAs.instrument;
}

function optionsOf(metric: Metric): { unit: string; description: string } {
  return { unit: metric.unit, description: metric.description };
}

function neverThrowing<Arguments extends unknown[]>(verb: (...args: Arguments) => void): (...args: Arguments) => void {
  return (...args) => {
    try {
      verb(...args);
    } catch (error) {
      diag.warn('a measurement was lost', error);
    }
  };
}
