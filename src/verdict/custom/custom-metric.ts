import type { MissingReason } from '../missing-reasons.ts';

/**
 * `level`: a number that stands somewhere (latency of a step, depth of a queue), compared as latency is; `share`: of events,
 * 0..1, judged by counts as errors are; `rate`: events per second, compared as traffic is. None is below 0.
 */
export const CUSTOM_KINDS = ['level', 'share', 'rate'] as const;
export type CustomKind = (typeof CUSTOM_KINDS)[number];

/** Which way is bad. */
export const BAD_DIRECTIONS = ['up', 'down', 'both'] as const;
export type BadDirection = (typeof BAD_DIRECTIONS)[number];

/** More would be tests of one deployment that somebody has to read, and chances of a false alarm. */
export const MAX_CUSTOM_METRICS = 10;

/** A metric that a team has defined beside the five numbers, as the engine must know it. */
export interface CustomMetric {
  readonly name: string;
  /** As it is shown behind numbers: `ms`, `jobs`; '' for none. A share is shown in percent. */
  readonly unit: string;
  readonly kind: CustomKind;
  readonly worse: BadDirection;
  /** The least change that matters: both must be reached where both are given. */
  readonly matters: {
    /** As a share of the level before: levels and rates. null: the engine's own of latency and traffic. */
    readonly relative: number | null;
    /** In the metric's unit; of a share a difference of shares (0.004 is .4 points). null: none, or that of errors. */
    readonly absolute: number | null;
  };
  /**
   * What is read is made of events that the sample counts: all shares, and levels that few events make worth little. A
   * sample without an event says nothing.
   */
  readonly isCounted: boolean;
}

/** One reading of such a metric. */
export interface CustomValue {
  readonly value: number | null;
  /** Why `value` is null. */
  readonly reason?: MissingReason;
  /** Events behind it, where its source counts them; else the sample's requests. */
  readonly events?: number;
}

/** By name. Names come from outside: ask with `Object.hasOwn`. */
export type CustomValues = Readonly<Record<string, CustomValue>>;

/** What findings and sentences need of a metric: of one that is bad both ways, the way it was judged. */
export interface CustomSubject extends Pick<CustomMetric, 'name' | 'unit' | 'kind'> {
  readonly worse: 'up' | 'down';
}

/** null: the sample says nothing of it. */
export function customValueOf(values: CustomValues | undefined, name: string): CustomValue | null {
  return values !== undefined && Object.hasOwn(values, name) ? (values[name] ?? null) : null;
}
