import type { CustomMetric } from '../../src/verdict/custom/custom-metric.ts';
import { judge } from '../../src/verdict/judge.ts';
import { median } from '../../src/verdict/order-statistics.ts';
import { DEFAULT_LIMITS } from '../../src/verdict/tuning.ts';
import type { Finding, JudgeInput, Judgement, MetricName, Sample } from '../../src/verdict/types.ts';
import { table } from './tables.ts';

/** Columns of the five numbers as a team would define them itself, each with the default limit of the one that it was. */
export const RENAMED: Readonly<Partial<Record<MetricName, CustomMetric>>> = {
  latency_p95: {
    name: 'checkout_ms',
    unit: 'ms',
    kind: 'level',
    worse: 'up',
    matters: { relative: DEFAULT_LIMITS.latencyGrowth, absolute: DEFAULT_LIMITS.latencyRiseMs },
    isCounted: true,
  },
  error_rate: {
    name: 'failed_share',
    unit: '',
    kind: 'share',
    worse: 'up',
    matters: { relative: null, absolute: DEFAULT_LIMITS.errorRise },
    isCounted: true,
  },
  requests_per_sec: {
    name: 'orders',
    unit: 'orders',
    kind: 'rate',
    worse: 'down',
    matters: { relative: DEFAULT_LIMITS.trafficDrop, absolute: null },
    isCounted: false,
  },
};

/**
 * The case with columns of the five as metrics of somebody's own; the five do without them. Traffic stays where it was as
 * well: it tells how much the others are worth.
 */
export function renamed(input: JudgeInput, columns: readonly MetricName[]): JudgeInput {
  const custom = columns.flatMap((column) => RENAMED[column] ?? []);
  const move = (sample: Sample): Sample => ({
    ...sample,
    ...Object.fromEntries(columns.filter((column) => column !== 'requests_per_sec').map((column) => [column, null])),
    custom: Object.fromEntries(
      columns.flatMap((column) => {
        const metric = RENAMED[column];
        return metric === undefined ? [] : [[metric.name, { value: sample[column] }]];
      }),
    ),
  });
  return { ...input, pre: input.pre.map(move), post: input.post.map(move), custom };
}

/** How a case fares under other names. */
export interface Comparison {
  /** The verdict; of traffic, which stays beside its copy and would count twice, whether the column failed, and how gravely. */
  readonly isSame: boolean;
  /** Largest difference of the strengths of a renamed column and its original, of those that could be judged. */
  readonly strengthDifference: number;
}

export function compare(input: JudgeInput, columns: readonly MetricName[]): Comparison {
  const plain = judge(input);
  const own = judge(renamed(input, columns));
  const differences = columns.map((column) => Math.abs(strengthOf(plain, column) - strengthOf(own, nameOf(column))));
  const isSame = columns.includes('requests_per_sec')
    ? findingOf(plain, 'requests_per_sec')?.severity === findingOf(own, nameOf('requests_per_sec'))?.severity
    : plain.verdict === own.verdict;
  return { isSame, strengthDifference: Math.max(0, ...differences) };
}

const nameOf = (column: MetricName): string => RENAMED[column]?.name ?? column;

function findingOf({ details }: Judgement, name: string): Finding | undefined {
  return details.find(({ metric, custom }) => (custom?.name ?? metric) === name);
}

const strengthOf = (judgement: Judgement, name: string): number => findingOf(judgement, name)?.evidence.strength ?? 0;

/** The ways of renaming that are compared. */
export const RENAMINGS: readonly (readonly MetricName[])[] = [
  ['latency_p95'],
  ['error_rate'],
  ['requests_per_sec'],
  ['latency_p95', 'error_rate'],
];

export interface RenamingRow {
  readonly columns: readonly MetricName[];
  readonly cases: number;
  readonly sameShare: number;
  readonly medianStrengthDifference: number;
}

export function compareAll(inputs: readonly JudgeInput[]): RenamingRow[] {
  return RENAMINGS.map((columns) => {
    const all = inputs.map((input) => compare(input, columns));
    return {
      columns,
      cases: all.length,
      sameShare: all.filter(({ isSame }) => isSame).length / all.length,
      medianStrengthDifference: median(all.map(({ strengthDifference }) => strengthDifference)),
    };
  });
}

/** What must come out the same, of each way. */
export const MIN_SAME_SHARE = 0.99;

export function customTable(rows: readonly RenamingRow[]): string {
  const body = rows.map(({ columns, cases, sameShare, medianStrengthDifference }) => [
    columns.join(' and '),
    String(cases),
    `${(100 * sameShare).toFixed(2)} %`,
    medianStrengthDifference.toFixed(3),
  ]);
  return table([['as metrics of one’s own', 'cases', 'the same', 'strength differs by (median)'], ...body]);
}
