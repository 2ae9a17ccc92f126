import { LIMIT_FIELDS } from '../../../pages/limits-form.ts';
import type { LimitsChange } from '../../../verdict/limits.ts';
import { limitsChange } from '../../limits.ts';

export interface AskedLimits {
  /** The address names at least one limit. */
  readonly isAsked: boolean;
  /** By parameter, as people write them. */
  readonly values: Readonly<Record<string, string>>;
  readonly faults: Readonly<Record<string, string>>;
  /** What differs from the limits that hold: `p95 latency 50 % instead of 35 %`. */
  readonly changed: readonly string[];
  /** As the API takes them. */
  readonly wire: Readonly<Record<string, number>>;
  readonly change: LimitsChange;
}

/** Six digits are more than anybody sets, and none of the arithmetic's dust. */
const shown = (value: number): string => String(Number(value.toPrecision(6)));

/**
 * The limits that a page's address asks for, over those that hold.
 *
 * @param held by their names on the wire.
 */
export function askedLimits(
  query: Readonly<Record<string, string | null>>,
  held: Readonly<Record<string, number>>,
): AskedLimits {
  const values: Record<string, string> = {};
  const faults: Record<string, string> = {};
  const wire: Record<string, number> = {};
  const changed: string[] = [];
  let isAsked = false;
  for (const { param, wire: field, name, unit, factor } of LIMIT_FIELDS) {
    const now = shown((held[field] ?? 0) / factor);
    const text = query[param]?.trim().replace(',', '.') ?? null;
    values[param] = text ?? now;
    if (text === null) continue;
    isAsked = true;
    const value = Number(shown(Number(text) * factor));
    const parsed = /^\d{1,6}(\.\d{1,6})?$/.test(text) ? limitsChange.safeParse({ [field]: value }) : null;
    if (parsed?.success !== true) faults[param] = faultOf(parsed?.error?.issues[0]?.message, factor);
    wire[field] = value;
    if (text !== now) changed.push(`${name} ${text}${unit} instead of ${now}${unit}`);
  }
  const parsed = Object.keys(faults).length === 0 ? limitsChange.parse(wire) : {};
  return { isAsked, values, faults, changed, wire, change: parsed };
}

/** The API's words, in the unit of the form: `from 0.01 to 100`. */
function faultOf(message: string | undefined, factor: number): string {
  const range = /from ([\d.]+) to ([\d.]+)/.exec(message ?? '');
  if (range === null) return 'must be a number, such as 0.4';
  return `must be from ${shown(Number(range[1]) / factor)} to ${shown(Number(range[2]) / factor)}`;
}
