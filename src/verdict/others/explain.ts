import type { MetricName } from '../types.ts';
import type { Movement } from './movement.ts';

/**
 * By how much. Chosen on the open part of the incidents of docs/verdict.md, Beside other projects.
 */
export interface ExplainTuning {
  /** Failures per second weigh that much more than their share of the requests; both in ln. */
  readonly failuresWeigh: number;
  /** By what the two together must be more. */
  readonly errorLead: number;
  /** ln: and of more failures may be that much smaller, for a service that is asked more than once. */
  readonly smallerShare: number;
  /** ln: by what latency must have grown more; by nothing where CPU or memory rose too. */
  readonly latencyLead: number;
  /** Later by as much can't be told from as early: readings are a minute apart, and each project has a moment of its own. */
  readonly laterMs: number;
  /** Share of the fall of traffic (in ln) that another's must come to. */
  readonly sameFall: number;
  /** ln: a fall beyond it is requests that stop, which callers of a dead service do too: nobody explains that. */
  readonly mostFall: number;
  /** One other that got worse is asked for, and one more for each so many that were looked at: some always do. */
  readonly perWorse: number;
}

export const EXPLAIN_TUNING: ExplainTuning = {
  failuresWeigh: 2,
  errorLead: 0.05,
  smallerShare: 0.7,
  latencyLead: 0.5,
  laterMs: 60_000,
  sameFall: 0.8,
  mostFall: 2,
  perWorse: 10,
};

/**
 * Which failed metrics of `own` may have their cause in `other`. Nobody knows who calls whom, so it goes by what a fault does on
 * its way to the callers, and of two services without a cause of their own at most one explains the other:
 * - nobody suffers before the cause: it did not get worse later;
 * - a failed request makes at most one failed request of its caller, and the caller has others: the cause has more failures
 *   per second, or the same in a larger share of its requests;
 * - what takes longer is a larger part of the time of whoever is slow than of its callers', who wait all of it: the cause grew by
 *   the larger factor, and not by more milliseconds, unless its CPU or memory says that it is the cause.
 */
export function explainedBy(own: Movement, other: Movement, tuning: ExplainTuning): MetricName[] {
  const explained: MetricName[] = [];
  if (!isInTime(own, other, tuning)) return explained;
  if (explainsErrors(own.errors, other.errors, tuning)) explained.push('error_rate');
  if (explainsLatency(own.latency, other, tuning)) explained.push('latency_p95');
  return explained;
}

/** Not later, as far as readings tell; of unknown times nothing is said. */
function isInTime(own: Movement, other: Movement, { laterMs }: ExplainTuning): boolean {
  return own.sinceMs !== null && other.sinceMs !== null && other.sinceMs <= own.sinceMs + laterMs;
}

function explainsErrors(own: Movement['errors'], other: Movement['errors'], tuning: ExplainTuning): boolean {
  if (own === null || other === null || own.perSecond === null || other.perSecond === null) return false;
  const moreFailures = Math.log(other.perSecond / own.perSecond);
  const largerShare = Math.log(other.rise / own.rise);
  return tuning.failuresWeigh * moreFailures + largerShare >= tuning.errorLead && largerShare >= -tuning.smallerShare;
}

function explainsLatency(own: Movement['latency'], other: Movement, { latencyLead }: ExplainTuning): boolean {
  const { latency, usage } = other;
  if (own === null || latency === null) return false;
  if (usage) return latency.growth >= own.growth;
  return latency.growth >= own.growth + latencyLead && latency.riseMs <= own.riseMs;
}

/**
 * Traffic fell elsewhere about as much, so it was not this service alone that lost it. Whoever calls less has a reason, and a
 * service that refuses or delays its callers is one: `isCause` says whether `other` can be it, by a CPU or memory of its own.
 */
export function isSharedFall(own: number | null, others: readonly Movement[], tuning: ExplainTuning): boolean {
  if (own === null || own > tuning.mostFall) return false;
  return others.some(({ traffic }) => traffic !== null && traffic >= own * tuning.sameFall);
}

export function isCauseOfFall(own: Movement, other: Movement, tuning: ExplainTuning): boolean {
  return other.usage && isInTime(own, other, tuning);
}
