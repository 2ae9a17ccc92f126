import {
  BLOCK_MS,
  type Block,
  blocksOf,
  type DayBefore,
  type DayOfMetric,
  HOUR_BLOCKS,
  LATE_METRICS,
  type LateMetric,
  LEVEL_BLOCKS,
  levelOf,
  slopeOf,
} from './late-day.ts';
import { requestsIn } from './requests.ts';
import type { Limits, Sample } from './types.ts';

/** Hours after an `ok` at which it is looked at again. */
export const LATE_HOURS = [1, 24] as const;
export type LateHours = (typeof LATE_HOURS)[number];

/** How much louder than the day before something has to be. */
interface LateBounds {
  /** In the day's steepest rise, for the check at 1 h and for the one at 24 h, */
  readonly rises: readonly [number, number];
  /** beyond its highest level, in least changes that matter, */
  readonly beyond: number;
  /** and in what that level stands above the day's median. */
  readonly range: number;
}
export interface LateTuning {
  readonly bounds: Readonly<Record<LateMetric, LateBounds>>;
  /** Of a leak, in the day's largest slope of an hour. */
  readonly slopes: number;
}

export const LATE_TUNING: LateTuning = {
  bounds: {
    error_rate: { rises: [1.5, 1.5], beyond: 0.75, range: 0 },
    latency_p95: { rises: [1.5, 1.5], beyond: 0, range: 2 },
    memory_usage: { rises: [1.5, 2], beyond: 1.5, range: 0 },
  },
  slopes: 4,
};

/** Errors need to be more than counting makes of them by so many standard deviations. */
const ERROR_SIGMAS = 4;
/** Slower than two points an hour is left to the check at 24 h, */
const MIN_SLOPE = 0.02;
/** and so is what is full only after that. */
const FULL_WITHIN_HOURS = 24;
/** Of the five steps between the blocks of an hour. */
const MIN_STEPS_UP = 4;
const DAY_HALF_HOURS = 48;

/** What one metric does since. Levels in the metric's unit, slopes in it per hour; strength ≥ 1: it got worse. */
export interface LateFinding {
  readonly metric: LateMetric;
  readonly kind: 'level' | 'slope';
  readonly before: number;
  readonly observed: number;
  readonly change: number;
  /** What the change had to reach. */
  readonly limit: number;
  /** The highest level of the day before; of a slope its largest one. */
  readonly usual: number;
  readonly strength: number;
}

export interface LateQuestion {
  readonly day: DayBefore;
  /** The readings of the hour before the check, in any order. */
  readonly now: readonly Sample[];
  readonly startedAtMs: number;
  readonly checkedAtMs: number;
  readonly hours: LateHours;
  readonly limits: Limits;
}

/** What can be judged of a second look, the louder kind of each metric; none where nothing can. */
export function lateFindings(question: LateQuestion, tuning: LateTuning = LATE_TUNING): LateFinding[] {
  return LATE_METRICS.flatMap((metric) => {
    const day = question.day[metric];
    if (day === undefined) return [];
    const fromMs = question.checkedAtMs - HOUR_BLOCKS * BLOCK_MS;
    const blocks = blocksOf(metric, question.now, fromMs, HOUR_BLOCKS);
    const level = levelFinding(metric, day, blocks, question, tuning);
    if (level === null) return [];
    const slope = metric === 'memory_usage' ? slopeFinding(day, blocks, level, tuning) : null;
    return slope !== null && slope.strength > level.strength ? slope : level;
  });
}

function levelFinding(
  metric: LateMetric,
  day: DayOfMetric,
  blocks: readonly Block[],
  question: LateQuestion,
  { bounds }: LateTuning,
): LateFinding | null {
  const last = blocks.slice(-LEVEL_BLOCKS);
  const observed = levelOf(metric, last);
  if (observed === null) return null;
  const { rises, beyond, range } = bounds[metric];
  const before = levelBefore(metric, day, question);
  const matters = leastChange(metric, before, question.limits);
  const chance = metric === 'error_rate' ? chanceOf(before, question.now, question.checkedAtMs) : 0;
  const highest = day.highest + Math.max(beyond * matters, range * (day.highest - day.typical));
  const limit = Math.max(matters, rises[question.hours === 1 ? 0 : 1] * day.steepest, chance, highest - before);
  const change = observed - before;
  const lowest = Math.min(...last.flatMap((block) => block?.level ?? []));
  const strength = Math.min(change / limit, (lowest - before) / (matters / 2));
  return { metric, kind: 'level', before, observed, change, limit, usual: day.highest, strength };
}

/** An hour later the level from before the deployment; a day later the highest around the same time of the day. */
function levelBefore(metric: LateMetric, day: DayOfMetric, { hours, startedAtMs, checkedAtMs }: LateQuestion): number {
  let before = day.last;
  if (hours === 24) {
    const at = Math.floor((checkedAtMs - startedAtMs) / (LEVEL_BLOCKS * BLOCK_MS)) % DAY_HALF_HOURS;
    const near = [at - 1, at, at + 1].flatMap((i) => day.halfHours[(i + DAY_HALF_HOURS) % DAY_HALF_HOURS] ?? []);
    before = near.length === 0 ? day.highest : Math.max(...near);
  }
  return metric === 'error_rate' ? Math.max(before, day.typical) : before;
}

/** A leak: it grows steadily, faster than any hour of the day before, and is full before long. */
function slopeFinding(
  day: DayOfMetric,
  blocks: readonly Block[],
  { before, observed }: LateFinding,
  tuning: LateTuning,
): LateFinding | null {
  const slope = slopeOf(blocks);
  if (slope === null) return null;
  const limit = Math.max(MIN_SLOPE, tuning.slopes * day.slope, (1 - observed) / FULL_WITHIN_HOURS);
  const steps = blocks.slice(1).filter((block, i) => block !== null && block.level > (blocks[i]?.level ?? 1)).length;
  const strength = steps >= MIN_STEPS_UP && observed > before ? slope / limit : 0;
  return { metric: 'memory_usage', kind: 'slope', before, observed, change: slope, limit, usual: day.slope, strength };
}

function leastChange(metric: LateMetric, before: number, limits: Limits): number {
  if (metric === 'error_rate') return limits.errorRise;
  if (metric === 'memory_usage') return limits.memoryRise;
  return Math.max(limits.latencyRiseMs, limits.latencyGrowth * before);
}

/** What counting does to the ratio of half an hour. */
function chanceOf(ratio: number, samples: readonly Sample[], checkedAtMs: number): number {
  const requests = samples
    .filter(({ collectedAtMs }) => collectedAtMs >= checkedAtMs - LEVEL_BLOCKS * BLOCK_MS)
    .reduce((sum, sample) => sum + (requestsIn(sample) ?? 1), 0);
  return requests > 0 ? ERROR_SIGMAS * Math.sqrt(Math.max(ratio, 1 / requests) / requests) : 1;
}
