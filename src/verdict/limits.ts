import { DEFAULT_LIMITS } from './tuning.ts';
import type { Limits } from './types.ts';

/** Below this a limit is no limit: zero would make every tremor a failure, and divides. */
const MIN_LIMIT = 1e-6;

export const LIMIT_NAMES = Object.keys(DEFAULT_LIMITS) as readonly (keyof Limits)[];

/** A change of some limits: a number sets one, null takes it back to the default, what is left out stays as it is. */
export type LimitsChange = { readonly [Name in keyof Limits]?: number | null };

/** The given limits over the defaults. What is not a positive finite number counts as not given. */
export function limitsOf(given: Partial<Limits> | undefined): Limits {
  const limits: Record<keyof Limits, number> = { ...DEFAULT_LIMITS };
  for (const name of LIMIT_NAMES) {
    const value = given?.[name];
    if (value !== undefined && Number.isFinite(value) && value >= MIN_LIMIT) limits[name] = value;
  }
  return limits;
}

/** What is set after `change`: only names that stand for something other than the default. */
export function changedLimits(set: Partial<Limits>, change: LimitsChange): Partial<Limits> {
  const changed: Partial<Record<keyof Limits, number>> = {};
  for (const name of LIMIT_NAMES) {
    const value = change[name] === undefined ? set[name] : change[name];
    if (value !== undefined && value !== null) changed[name] = value;
  }
  return changed;
}
