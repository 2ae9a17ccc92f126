import type { Track } from '../track.ts';
import type { Tuning } from '../tuning.ts';
import type { RuleName } from '../types.ts';

/** What a rule found, on the working scale of its metric. The metric failed at strength ≥ 1. */
export interface RuleResult {
  readonly rule: RuleName;
  readonly change: number;
  /** The level that the change was measured at. */
  readonly observed: number;
  readonly limit: number;
  readonly standardError: number;
  /** 95 % interval of the change, where it is not the change ± 1.96 standard errors. */
  readonly interval?: { readonly low: number; readonly high: number };
  readonly strength: number;
  /** More than chance and drift do, whether or not it matters. */
  readonly isCertain?: boolean;
}

/** Whether a rule may speak: all do, but where the benchmark leaves some out. */
export const isHeard = (rule: RuleName, { rules }: Tuning): boolean => rules === undefined || rules.includes(rule);

/** What a rule found, or nothing where it may not speak. */
export function heard<T extends RuleResult>(result: T, tuning: Tuning): T {
  return isHeard(result.rule, tuning) ? result : { ...result, strength: 0, isCertain: false };
}

/** A rule on a level that is compared before and after. */
export type TrackRule = (track: Track, tuning: Tuning) => RuleResult;
