import { median } from '../../../src/verdict/order-statistics.ts';
import { METRICS, type MetricName } from '../../../src/verdict/types.ts';
import { byFailedMetrics, type Peer } from './peer.ts';

/** Least shift that counts, in the metric's unit. */
const FLOOR: Record<MetricName, number> = {
  error_rate: 0.01,
  latency_p95: 20,
  requests_per_sec: 0.3,
  cpu_usage: 0.1,
  memory_usage: 0.08,
};

/** Shift of the median over a spread, more than 3 of it and at least the floor. */
export const simpleRule: Peer = (before, after) =>
  byFailedMetrics(
    METRICS.filter((metric) => {
      const level = median(before[metric]);
      const rise = median(after[metric]) - level;
      const shift = metric === 'requests_per_sec' ? -rise : rise;
      const scatter = 1.4826 * median(before[metric].map((value) => Math.abs(value - level)));
      const spread = Math.max(scatter, 0.1 * Math.abs(level), FLOOR[metric] / 3);
      return shift >= FLOOR[metric] && shift / spread > 3;
    }),
  );
