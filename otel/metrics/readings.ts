import { diag, type HrTime, ValueType } from '@opentelemetry/api';
import { millisToHrTime } from '@opentelemetry/core';
import { emptyResource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  DataPointType,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';
import type { Metric } from '../catalog/metric.ts';

/** The scope of what is read rather than recorded. */
const READINGS_METER = 'seqpulse.readings';

/** A number known at the moment of collection, or null when it is not: then the series is left out. */
export interface Reading {
  readonly metric: Metric;
  /** Synchronous and cheap: it runs inside every scrape. */
  read(): number | null;
}

/**
 * Readings as a producer of metrics, for the option `metricProducers` of any reader. Not observable instruments: those
 * repeat their last value when there is no new one, and a reading that cannot be made must vanish, not go stale.
 *
 * @param startUnixMs since when the counters among them count.
 */
export function createReadingsProducer(
  deps: { readonly nowUnixMs: () => number; readonly startUnixMs: number },
  readings: readonly Reading[],
): MetricProducer {
  const startTime = millisToHrTime(deps.startUnixMs);
  return {
    collect() {
      const endTime = millisToHrTime(deps.nowUnixMs());
      const metrics: MetricData[] = [];
      const errors: unknown[] = [];
      for (const { metric, read } of readings) {
        try {
          const value = read();
          if (value !== null && Number.isFinite(value)) metrics.push(metricDataOf(metric, value, startTime, endTime));
        } catch (error) {
          errors.push(error);
          diag.warn(`${metric.name} cannot be read`, error);
        }
      }
      const scopeMetrics = metrics.length === 0 ? [] : [{ scope: { name: READINGS_METER }, metrics }];
      return Promise.resolve({ resourceMetrics: { resource: emptyResource(), scopeMetrics }, errors });
    },
  };
}

function metricDataOf(metric: Metric, value: number, startTime: HrTime, endTime: HrTime): MetricData {
  const { name, description, unit } = metric;
  const descriptor = { name, description, unit, valueType: ValueType.DOUBLE };
  const dataPoints = [{ startTime, endTime, attributes: {}, value }];
  const aggregationTemporality = AggregationTemporality.CUMULATIVE;
  return metric.kind === 'counter'
    ? { descriptor, aggregationTemporality, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints }
    : { descriptor, aggregationTemporality, dataPointType: DataPointType.GAUGE, dataPoints };
}
