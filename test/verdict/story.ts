import { seeded } from '../../bench/verdict/random.ts';
import { judge } from '../../src/verdict/judge.ts';
import type { JudgeInput, Judgement, MetricName, Sample } from '../../src/verdict/types.ts';
import { MINUTE_MS, QUIET } from './samples.ts';

/** What a minute is like before noise: `minute` counts from −countBefore; 0 is the first after. */
export type Minute = (minute: number) => Partial<Record<MetricName, number | null>>;

/** How many different noises each story is told with. */
export const VARIANTS = 12;

export interface Story {
  readonly before?: number;
  readonly after?: number;
  readonly minute: Minute;
  readonly more?: Partial<JudgeInput>;
  /** False where a number must stay exactly as it is. */
  readonly isNoisy?: boolean;
}

/** What `by` says of each of a dozen noises, a verdict where it isn't given: counts are drawn, latency scatters by a tenth, CPU by 1.5 points, memory by .3. */
export function told(story: Story): Judgement[];
export function told<T>(story: Story, by: (input: JudgeInput) => T): T[];
export function told(
  { before = 15, after = 5, minute, more = {}, isNoisy = true }: Story,
  by: (input: JudgeInput) => unknown = (input) => judge(input),
): unknown[] {
  return Array.from({ length: VARIANTS }, (_, variant) => {
    const random = seeded(variant + 1);
    const sample = (at: number): Sample => {
      const plain = { ...QUIET, ...minute(at) };
      const values = isNoisy ? noisy(plain, random) : plain;
      return { ...values, collectedAtMs: (at + before) * MINUTE_MS, lateSeconds: 0 };
    };
    const pre = Array.from({ length: before }, (_, i) => sample(i - before));
    const post = Array.from({ length: after }, (_, i) => sample(i));
    return by({ pre, post, expectedPre: before, expectedPost: after, collectionEnded: null, ...more });
  });
}

type Row = Record<MetricName, number | null>;

function noisy(row: Row, random: () => number): Row {
  const gauss = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const requests = row.requests_per_sec === null ? null : drawn(row.requests_per_sec * 60, random, gauss);
  const failed = drawn((requests ?? 1000) * (row.error_rate ?? 0), random, gauss);
  const near = (value: number | null, sd: number) =>
    value === null || value === 0 ? value : Math.min(1, Math.max(0.001, value + sd * gauss()));
  return {
    requests_per_sec: requests === null ? null : requests / 60,
    error_rate: row.error_rate === null ? null : requests === 0 ? 0 : Math.min(1, failed / (requests ?? 1000)),
    latency_p95: row.latency_p95 === null ? null : row.latency_p95 * Math.exp(0.1 * gauss()),
    cpu_usage: near(row.cpu_usage, 0.015),
    memory_usage: near(row.memory_usage, Math.min(0.003, (1 - (row.memory_usage ?? 0)) / 10)),
  };
}

/** A Poisson count; normal where it is large. */
function drawn(mean: number, random: () => number, gauss: () => number): number {
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * gauss()));
  let count = -1;
  for (let left = Math.exp(-mean); left <= 1; count++) left /= 1 - random() || Number.MIN_VALUE;
  return Math.max(0, count);
}
