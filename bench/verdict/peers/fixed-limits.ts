import type { MetricName } from '../../../src/verdict/types.ts';
import { byFailedMetrics, type Peer } from './peer.ts';

/** SeqPulse's first form: a limit for everybody, and the share of samples after that may lie over it. */
const RULES: readonly { metric: MetricName; limit: number; share: number }[] = [
  { metric: 'latency_p95', limit: 270, share: 0.2 },
  { metric: 'error_rate', limit: 0.009, share: 0.05 },
  { metric: 'cpu_usage', limit: 0.72, share: 0.2 },
  { metric: 'memory_usage', limit: 0.72, share: 0.1 },
];

/** Looks at the samples after only: a service whose normal latency is 300 ms always fails. */
export const fixedLimits: Peer = (_before, after) =>
  byFailedMetrics(
    RULES.filter(({ metric, limit, share }) => {
      const values = after[metric];
      return values.filter((value) => value > limit).length / values.length >= share;
    }).map((rule) => rule.metric),
  );
