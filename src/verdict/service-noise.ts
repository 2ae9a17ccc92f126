import { admit } from './admit.ts';
import { ASSESSORS } from './assess.ts';
import { contextOf } from './context.ts';
import { limitsOf } from './limits.ts';
import { quantileOfSorted, sorted } from './order-statistics.ts';
import { DEFAULT_TUNING, type Tuning } from './tuning.ts';
import { type Limits, METRICS, type MetricName, type Sample, type ServiceNoise } from './types.ts';

/** An alarm of a metric has to be louder than all but this share of the quiet pairs of the service's own history. */
const QUIET_SHARE = 0.98;
/** Fewer pairs than this are a hint: what they say counts in proportion. */
const FULL_PAIRS = 50;
/** More tell nothing new, and cost a fraction of a millisecond each. */
const MAX_PAIRS = 60;
/** A hole longer than this makes two windows of one pair two different hours. */
const LONGEST_GAP_MS = 5 * 60_000;

/**
 * How loud this service is when nothing is deployed: pairs of neighbouring windows of its quiet history are judged as if
 * a deployment lay between them, and of each metric's strengths the 98th percentile is what its noise, its drift, its
 * two levels and its heavy tail do by themselves. Where that is above the limit (1), a deployment's strength is divided
 * by it. Short histories are shrunk to the prior, which is 1. Null where there is no pair.
 *
 * `history`: good and quiet times, in any order; `countAfter`: samples after a deployment.
 */
export function serviceNoise(
  history: readonly Sample[],
  windows: { readonly countBefore: number; readonly countAfter: number },
  given: Partial<Limits> = {},
  tuning: Tuning = DEFAULT_TUNING,
): ServiceNoise | null {
  const limits = limitsOf(given);
  const pairs = pairsOf(history, windows);
  const strengths = new Map<MetricName, number[]>(METRICS.map((metric) => [metric, []]));
  let count = 0;
  for (const pair of pairs) {
    const { before, after } = admit(pair.slice(0, windows.countBefore), pair.slice(windows.countBefore), {
      baselineSamples: tuning.baselineSamples,
    });
    if (before.samples.length === 0 || after.samples.length < tuning.minPostSamples) continue;
    const context = contextOf(before, after, {}, tuning);
    for (const metric of METRICS) {
      const { strength } = ASSESSORS[metric](before, after, limits, tuning, context).evidence;
      strengths.get(metric)?.push(strength ?? 0);
    }
    count++;
  }
  if (count === 0) return null;
  const scale: Partial<Record<MetricName, number>> = {};
  for (const [metric, list] of strengths) {
    const loud = quantileOfSorted(sorted(list), QUIET_SHARE);
    if (loud > 1) scale[metric] = 1 + (loud - 1) * Math.min(1, count / FULL_PAIRS);
  }
  return { pairs: count, scale };
}

/** Neighbouring windows without a hole, evenly over the history where there are many. */
function pairsOf(
  history: readonly Sample[],
  { countBefore, countAfter }: { countBefore: number; countAfter: number },
): Sample[][] {
  const samples = [...history].sort((a, b) => a.collectedAtMs - b.collectedAtMs);
  const size = countBefore + countAfter;
  const starts = Math.max(0, Math.floor((samples.length - size) / countAfter) + 1);
  const every = Math.max(1, Math.ceil(starts / MAX_PAIRS));
  const pairs: Sample[][] = [];
  for (let start = 0; start + size <= samples.length; start += countAfter * every) {
    const pair = samples.slice(start, start + size);
    const hasHole = pair.some(
      (sample, i) => i > 0 && sample.collectedAtMs - (pair[i - 1]?.collectedAtMs ?? 0) > LONGEST_GAP_MS,
    );
    if (!hasHole) pairs.push(pair);
  }
  return pairs;
}
