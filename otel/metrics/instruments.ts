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
  const requests = createTally(meter, catalog.httpRequests);
  const jobsFailed = createCounter(meter, catalog.jobsFailed);
  const metricsCollected = createCounter(meter, catalog.metricsCollected);
  const baselineSamples = createCounter(meter, catalog.baselineSamples);
  const analysisVerdicts = createCounter(meter, catalog.analysisVerdicts);
  const analysisFailedMetrics = createCounter(meter, catalog.analysisFailedMetrics);
  const verdictFeedback = createCounter(meter, catalog.verdictFeedback);
  const lateChecks = createCounter(meter, catalog.lateChecks);
  const notifications = createCounter(meter, catalog.notifications);
  const recordHttpRequestDuration = createDurationRecorder(meter, catalog.httpRequestDuration);
  const recordJobStartDelay = createDurationRecorder(meter, catalog.jobStartDelay);
  const recordAnalysisDuration = createDurationRecorder(meter, catalog.analysisDuration);
  const recordTargetRequestDuration = createDurationRecorder(meter, catalog.targetRequestDuration);
  const lastOutcome = meter.createGauge(
    catalog.analysisLastOutcome.recordedAs.instrument,
    optionsOf(catalog.analysisLastOutcome),
  );

  return {
    httpRequestHandled: neverThrowing(({ method, route, statusCode, durationSeconds }) => {
      const attributes = requests.count(route, method, statusCode, () => ({
        'http.request.method': method,
        'http.route': route,
        'http.response.status_code': statusCode,
        'url.scheme': 'http',
        ...(statusCode < 500 ? {} : { 'error.type': String(statusCode) }),
      }));
      recordHttpRequestDuration(durationSeconds, attributes);
    }),
    jobStarted: neverThrowing(({ jobType, startDelaySeconds }) => {
      recordJobStartDelay(startDelaySeconds, { 'seqpulse.job.type': jobType });
    }),
    jobGaveUp: neverThrowing(() => jobsFailed.add(1)),
    sampleCollected: neverThrowing((phase) => metricsCollected.add(1, { 'seqpulse.sample.phase': phase })),
    baselineSamplesStored: neverThrowing((count) => baselineSamples.add(count)),
    analysisFinished: neverThrowing(({ outcome, durationSeconds, atUnixSeconds }) => {
      recordAnalysisDuration(durationSeconds, { 'seqpulse.analysis.outcome': outcome });
      if (Number.isFinite(atUnixSeconds)) lastOutcome.record(atUnixSeconds, { 'seqpulse.analysis.outcome': outcome });
    }),
    verdictReached: neverThrowing(({ verdict, failedMetrics }) => {
      analysisVerdicts.add(1, { 'seqpulse.verdict.name': verdict });
      for (const { metric, critical } of failedMetrics) {
        analysisFailedMetrics.add(1, { 'seqpulse.metric.name': metric, 'seqpulse.metric.critical': String(critical) });
      }
    }),
    lateCheckMade: neverThrowing(({ hours, verdict }) => {
      lateChecks.add(1, { 'seqpulse.late_check.hours': String(hours), 'seqpulse.verdict.name': verdict });
    }),
    feedbackGiven: neverThrowing(({ verdict, correct }) => {
      verdictFeedback.add(1, { 'seqpulse.verdict.name': verdict, 'seqpulse.feedback.correct': String(correct) });
    }),
    notificationAttempted: neverThrowing(({ channel, outcome }) => {
      notifications.add(1, { 'seqpulse.notification.channel': channel, 'seqpulse.notification.outcome': outcome });
    }),
    targetRead: neverThrowing(({ outcome, durationSeconds }) => {
      recordTargetRequestDuration(durationSeconds, { 'seqpulse.target.outcome': outcome });
    }),
  };
}

function createCounter(meter: Meter, metric: Metric): Counter {
  const counter = meter.createCounter(metric.recordedAs.instrument, optionsOf(metric));
  for (const labels of closedLabelSets(metric) ?? []) counter.add(0, labels);
  return counter;
}

interface Tally {
  /** Counts one of a label set, which these three must name. @returns its attributes, the same object each time. */
  count(route: string | undefined, method: string, statusCode: number, attributesOf: () => Attributes): Attributes;
}

interface Counted {
  readonly attributes: Attributes;
  count: number;
}

/**
 * A counter on the path of every request: counted here, and added when the SDK collects. Added one by one, the SDK would
 * sort and serialize the labels of each. Found by a map in a map in a map, because a key made of the three would be a new
 * text for each request.
 */
function createTally(meter: Meter, metric: Metric): Tally {
  const counter = createCounter(meter, metric);
  const tallies: Counted[] = [];
  const byRoute = new Map<string | undefined, Map<string, Map<number, Counted>>>();
  // Callbacks of observable instruments run before a collection looks at any counter. This one observes nothing and has
  // no view, so that nothing of it is exported.
  const beforeCollection = meter.createObservableGauge(`${metric.recordedAs.instrument}.tally`);
  beforeCollection.addCallback(() => {
    for (const tally of tallies) {
      if (tally.count > 0) counter.add(tally.count, tally.attributes);
      tally.count = 0;
    }
  });
  return {
    count(route, method, statusCode, attributesOf) {
      const byStatus = inner(inner(byRoute, route), method);
      let tally = byStatus.get(statusCode);
      if (tally === undefined) {
        tally = { attributes: Object.freeze(attributesOf()), count: 0 };
        byStatus.set(statusCode, tally);
        tallies.push(tally);
      }
      tally.count += 1;
      return tally.attributes;
    },
  };
}

function inner<Key, InnerKey, Value>(outer: Map<Key, Map<InnerKey, Value>>, key: Key): Map<InnerKey, Value> {
  let found = outer.get(key);
  if (found === undefined) {
    found = new Map();
    outer.set(key, found);
  }
  return found;
}

/** Infinity would stay in the histogram's sum for ever, and a negative value is refused by the SDK with a warning. */
function createDurationRecorder(meter: Meter, metric: Metric): (seconds: number, attributes: Attributes) => void {
  const histogram = meter.createHistogram(metric.recordedAs.instrument, optionsOf(metric));
  return (seconds, attributes) => {
    if (Number.isFinite(seconds)) histogram.record(Math.max(0, seconds), attributes);
  };
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
