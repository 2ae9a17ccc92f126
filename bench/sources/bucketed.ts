import type { JudgeInput, Sample } from '../../src/verdict/types.ts';
import { normalShare, Z95 } from './series.ts';

/** How latencies spread in a minute: the deviation of their logarithm, and by how much that itself wanders. */
export interface Shape {
  readonly spread: number;
  readonly wander: number;
}

/**
 * The input as a histogram with these edges (seconds) would have told it: p95 interpolated inside its bucket as
 * histogram_quantile does, with the bucket's edges and the mean. Latencies spread log-normally; the spread of each minute
 * is another where it wanders, so that p95 and mean go ways of their own. `random`: 0..1.
 */
export function bucketed(
  input: JudgeInput,
  edges: readonly number[],
  { spread, wander }: Shape,
  random: () => number,
): JudgeInput {
  const edgesMs = edges.map((edge) => edge * 1_000);
  const read = (sample: Sample): Sample => {
    const p95 = sample.latency_p95 ?? 0;
    const sd = spread * Math.exp(wander * normal(random));
    if (p95 <= 0) return sample;
    const below = (edge: number) => (edge <= 0 ? 0 : normalShare((Math.log(edge) - Math.log(p95)) / sd + Z95));
    const latencyMean = p95 * Math.exp(sd ** 2 / 2 - Z95 * sd);
    const index = edgesMs.findIndex((edge) => below(edge) >= 0.95);
    const high = edgesMs[index];
    if (high === undefined) return { ...sample, latency_p95: edgesMs.at(-1) ?? p95, latencyMean };
    const low = edgesMs[index - 1] ?? 0;
    const inside = (0.95 - below(low)) / (below(high) - below(low));
    return { ...sample, latency_p95: low + (high - low) * inside, latencyMean, latencyBucket: { low, high } };
  };
  return { ...input, pre: input.pre.map(read), post: input.post.map(read) };
}

/** Box and Muller 1958. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** As if no limit were set: CPU in cores alone, of a limit of so many. */
export function inCores(input: JudgeInput, limitCores: number): JudgeInput {
  const read = ({ cpu_usage, ...sample }: Sample): Sample => ({
    ...sample,
    cpu_usage: null,
    missing: { cpu_usage: 'not_measured' },
    ...(cpu_usage === null ? {} : { cpuCores: cpu_usage * limitCores }),
  });
  return { ...input, pre: input.pre.map(read), post: input.post.map(read) };
}
