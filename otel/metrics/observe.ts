import { type Attributes, diag, type Meter } from '@opentelemetry/api';
import type { Metric } from '../catalog/metric.ts';

/** A number known at the moment of collection, or null when it is not: then the series is left out. */
export interface Reading {
  readonly metric: Metric;
  readonly attributes?: Attributes;
  /** Synchronous and cheap: it runs inside every scrape. */
  read(): number | null;
}

/**
 * Makes an observable instrument of each reading. The SDK would repeat the last value of one that observes nothing;
 * of a gauge it does not, because our readers ask for delta temporality there (temporalityOf in views.ts). So what may
 * become unknown has to be a gauge; the counters here are those of the process, which never are.
 */
export function observeReadings(meter: Meter, readings: readonly Reading[]): void {
  for (const { metric, attributes = {}, read } of readings) {
    const options = { unit: metric.unit, description: metric.description };
    const { instrument } = metric.recordedAs;
    const observable =
      metric.kind === 'counter'
        ? meter.createObservableCounter(instrument, options)
        : meter.createObservableGauge(instrument, options);
    observable.addCallback((result) => {
      try {
        const value = read();
        if (value !== null && Number.isFinite(value)) result.observe(value, attributes);
      } catch (error) {
        diag.warn(`${metric.name} cannot be read`, error);
      }
    });
  }
}
