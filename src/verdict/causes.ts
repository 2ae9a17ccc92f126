import type { Assessment } from './assessment.ts';
import type { Evidence, MetricName } from './types.ts';

type Failed = Pick<Assessment, 'metric' | 'observed'> & { readonly evidence?: Pick<Evidence, 'judgedBy'> };

/** A CPU this busy makes requests wait: latency that rises with it has the same cause. */
const SATURATED = 0.85;

/** Metrics that move together when one thing changes: a batch job takes CPU and memory, traffic takes CPU. */
const ONE_CAUSE: readonly (readonly [MetricName, MetricName])[] = [
  ['cpu_usage', 'memory_usage'],
  ['cpu_usage', 'requests_per_sec'],
];

/** How many separate causes the failed metrics stand for: signals that move with one cause are one vote, not two. */
export function causesOf(failed: readonly Failed[]): number {
  const groups: Failed[][] = [];
  for (const one of failed) {
    const joined = groups.filter((group) => group.some((other) => shareCause(one, other)));
    const merged = [one, ...joined.flat()];
    for (const group of joined) groups.splice(groups.indexOf(group), 1);
    groups.push(merged);
  }
  return groups.length;
}

function shareCause(one: Failed, other: Failed): boolean {
  const pair = new Set<Assessment['metric']>([one.metric, other.metric]);
  if (ONE_CAUSE.some(([a, b]) => pair.has(a) && pair.has(b))) return true;
  if (!pair.has('latency_p95') || !pair.has('cpu_usage')) return false;
  const cpu = one.metric === 'cpu_usage' ? one : other;
  // Of how many cores nobody knows, where no limit is set.
  return cpu.evidence?.judgedBy === undefined && (cpu.observed ?? 0) >= SATURATED;
}
