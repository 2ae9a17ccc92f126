import { median, sorted } from './order-statistics.ts';
import { requestsIn } from './requests.ts';
import type { Sample } from './types.ts';

/** What creeps: slow errors, slow answers, leaks. Traffic and CPU follow the hour of the day, and a day alone does not tell it. */
export const LATE_METRICS = ['error_rate', 'latency_p95', 'memory_usage'] as const;
export type LateMetric = (typeof LATE_METRICS)[number];

export const BLOCK_MS = 10 * 60_000;
/** Blocks of an hour, over which a slope is taken, */
export const HOUR_BLOCKS = 6;
/** and of the half hour that makes a level. */
export const LEVEL_BLOCKS = 3;
const DAY_BLOCKS = 24 * HOUR_BLOCKS;
/** From the half hour before a deployment to the last one of the first hour after. */
const LAG_BLOCKS = 8;
/** With less than six hours of a day nobody knows what it does by itself. */
const MIN_BLOCKS = 36;
/** Pairs of blocks behind a slope. */
const MIN_SLOPES = 6;

/** Ten minutes of one metric; null: nothing is known of them. */
export type Block = { readonly level: number; readonly requests: number } | null;

/** The day before a deployment in few numbers, in the metric's unit: what is kept of it once its readings are gone. */
export interface DayOfMetric {
  /** The newest level, the median and the highest of half an hour. */
  readonly last: number;
  readonly typical: number;
  readonly highest: number;
  /** The largest rise from half an hour to the one 80 minutes later, */
  readonly steepest: number;
  /** and the largest slope of an hour, per hour. 0: there was none. */
  readonly slope: number;
  /** The highest level in each half hour, oldest first; null: not known. */
  readonly halfHours: readonly (number | null)[];
}
export type DayBefore = Readonly<Partial<Record<LateMetric, DayOfMetric>>>;

/** Null where no metric has six hours of it. `history`: good and quiet readings up to `startMs`, in any order. */
export function dayBefore(history: readonly Sample[], startMs: number): DayBefore | null {
  const days = LATE_METRICS.flatMap((metric) => {
    const day = dayOf(metric, blocksOf(metric, history, startMs - DAY_BLOCKS * BLOCK_MS, DAY_BLOCKS));
    return day === null ? [] : [[metric, day] as const];
  });
  return days.length === 0 ? null : Object.fromEntries(days);
}

function dayOf(metric: LateMetric, blocks: readonly Block[]): DayOfMetric | null {
  if (blocks.filter((block) => block !== null).length < MIN_BLOCKS) return null;
  const levels = blocks.map((_, i) => levelOf(metric, blocks.slice(Math.max(0, i + 1 - LEVEL_BLOCKS), i + 1)));
  const known = sorted(levels.filter((level) => level !== null));
  const highest = known.at(-1);
  if (highest === undefined) return null;
  const rises = levels.map((level, i) => {
    const earlier = levels[i - LAG_BLOCKS] ?? null;
    return level === null || earlier === null ? 0 : level - earlier;
  });
  const slopes = blocks.map((_, i) => slopeOf(blocks.slice(Math.max(0, i + 1 - HOUR_BLOCKS), i + 1)) ?? 0);
  const typical = median(known);
  return {
    last: levels.slice(-HOUR_BLOCKS).findLast((level) => level !== null) ?? typical,
    typical,
    highest,
    steepest: Math.max(0, ...rises),
    slope: Math.max(0, ...slopes),
    halfHours: Array.from({ length: DAY_BLOCKS / LEVEL_BLOCKS }, (_, i) => {
      const within = levels.slice(i * LEVEL_BLOCKS, (i + 1) * LEVEL_BLOCKS).filter((level) => level !== null);
      return within.length === 0 ? null : Math.max(...within);
    }),
  };
}

/** `count` blocks from `fromMs` on. Errors are failed ÷ requests, the others medians; what had no request tells of memory alone. */
export function blocksOf(metric: LateMetric, samples: readonly Sample[], fromMs: number, count: number): Block[] {
  const groups: Sample[][] = Array.from({ length: count }, () => []);
  for (const sample of samples) {
    if (sample[metric] === null || (metric !== 'memory_usage' && requestsIn(sample) === 0)) continue;
    groups[Math.floor((sample.collectedAtMs - fromMs) / BLOCK_MS)]?.push(sample);
  }
  return groups.map((group) => {
    if (group.length === 0) return null;
    const requests = group.reduce((sum, sample) => sum + (requestsIn(sample) ?? 1), 0);
    if (metric !== 'error_rate') return { level: median(group.map((sample) => sample[metric] ?? 0)), requests };
    const failed = group.reduce((sum, sample) => sum + (sample.error_rate ?? 0) * (requestsIn(sample) ?? 1), 0);
    return { level: failed / requests, requests };
  });
}

/** Of half an hour; null where more than ten minutes of it are not known. */
export function levelOf(metric: LateMetric, blocks: readonly Block[]): number | null {
  const known = blocks.filter((block) => block !== null);
  if (known.length < LEVEL_BLOCKS - 1) return null;
  if (metric !== 'error_rate') return median(known.map(({ level }) => level));
  const requests = known.reduce((sum, block) => sum + block.requests, 0);
  return known.reduce((sum, block) => sum + block.level * block.requests, 0) / requests;
}

/** Per hour: the median of the slopes between any two (Theil and Sen). null where too few are known. */
export function slopeOf(blocks: readonly Block[]): number | null {
  const slopes = blocks.flatMap((from, i) =>
    blocks
      .slice(i + 1)
      .flatMap((to, k) => (from === null || to === null ? [] : ((to.level - from.level) / (k + 1)) * HOUR_BLOCKS)),
  );
  return slopes.length < MIN_SLOPES ? null : median(slopes);
}
