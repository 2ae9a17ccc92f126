import type { Measure } from '../verdict/types.ts';
import { isRate, type Unit, UPPER_UNITS, unitFor, unitsOf, WHOLE_RATE } from './units.ts';

/**
 * Numbers as reports show them. Numbers shown together share unit and decimals (0.40 → 2.11 %) unless one of them would
 * vanish in the other's unit (48 ms → 178 s). Changes of shares are in points. No exponent, a true minus sign.
 */

/** `182` and ` ms`: the unit with the space before it, where it has one. */
export interface Amount {
  readonly digits: string;
  readonly unit: string;
}

/** Nobody measures more; whatever claims to is cut off. */
const MAX_SHOWN = 1e6;
const MORE_DECIMALS = 2;

/** Three digits. */
function decimalsFor(size: number): number {
  return size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
}

/** Rounded by more than this share of itself a number is another one. */
const MAX_ROUNDING = 0.1;

/** As many decimals as the largest has, or as many more as the smallest needs to be told. */
function commonDecimals(values: readonly number[]): number {
  const usual = decimalsFor(Math.max(0, ...values.map(Math.abs)));
  const isBlurred = (decimals: number) =>
    values.some((value) => Math.abs(value - Number(value.toFixed(decimals))) > MAX_ROUNDING * Math.abs(value));
  let decimals = usual;
  while (decimals < usual + MORE_DECIMALS && isBlurred(decimals)) decimals++;
  if (isBlurred(decimals)) return usual;
  return values.every((value) => Number.isInteger(Number(value.toFixed(decimals)))) ? 0 : decimals;
}

function digitsOf(value: number, decimals: number, sign: 'always' | 'negative'): string {
  const size = Math.abs(value);
  const mark = value < 0 ? '−' : sign === 'always' && value > 0 ? '+' : '';
  if (size > MAX_SHOWN) return `${mark}>${MAX_SHOWN}`;
  if (size === 0) return '0';
  const digits = size.toFixed(decimals);
  return Number(digits) === 0 ? `${mark}<${10 ** -decimals}` : `${mark}${digits}`;
}

/** @param beside what else is shown of the metric: its unit is kept where it can be. */
function shown(
  units: readonly Unit[],
  values: readonly number[],
  sign: 'always' | 'negative',
  beside: readonly number[] = [],
): Amount[] {
  const shared = unitFor(units, Math.max(0, ...[...values, ...beside].map(Math.abs)));
  const unitOf = (value: number) => {
    const size = Math.abs(value);
    const fits = size === 0 || size * shared.factor >= 1 || shared.from < UPPER_UNITS;
    return fits ? shared : unitFor(units, Math.max(size, WHOLE_RATE));
  };
  const alike = values.filter((value) => unitOf(value) === shared).map((value) => value * shared.factor);
  const decimals = commonDecimals(alike);
  return values.map((value) => {
    const unit = unitOf(value);
    const inUnit = value * unit.factor;
    return { digits: digitsOf(inUnit, unit === shared ? decimals : commonDecimals([inUnit]), sign), unit: unit.name };
  });
}

/** Levels of a metric, to be shown beside each other; units: requests/s, ms, shares 0..1. */
export function levels(metric: Measure, values: readonly number[]): Amount[] {
  return shown(unitsOf(metric, false), values, 'negative');
}

/**
 * The same for changes, each with its sign; shares in points.
 *
 * @param beside levels that they are shown beside.
 */
export function changes(metric: Measure, values: readonly number[], beside: readonly number[] = []): Amount[] {
  return shown(unitsOf(metric, true), values, 'always', isRate(metric) ? beside : []);
}

export function joined({ digits, unit }: Amount): string {
  return `${digits}${unit}`;
}

/** One level by itself: no zeros at the end that only others would ask for. */
export function level(metric: Measure, value: number): string {
  return alone(levels(metric, [value])[0]);
}

/** One change by itself: +65.5 ms, −11/s, +0.4 pts. */
export function change(metric: Measure, value: number, beside: readonly number[] = []): string {
  return alone(changes(metric, [value], beside)[0]);
}

function alone(amount: Amount | undefined): string {
  if (amount === undefined) return '';
  return `${amount.digits.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')}${amount.unit}`;
}

/** `+337 to +472 ms`, the low end first; both units where they differ. */
export function range(metric: Measure, one: number, other: number, beside: readonly number[] = []): string {
  const [low, high] = changes(metric, [Math.min(one, other), Math.max(one, other)], beside) as [Amount, Amount];
  return low.unit === high.unit ? `${low.digits} to ${joined(high)}` : `${joined(low)} to ${joined(high)}`;
}

/** Below it the difference says more than the factor; above, hardly anything does. */
const MIN_FACTOR = 1.2;
const MAX_FACTOR = 1e5;

/** `×3.2`; null where a factor says nothing. */
export function factor(from: number, to: number): string | null {
  if (!(from > 0) || !(to > 0)) return null;
  const times = to / from;
  if ((times < MIN_FACTOR && times > 1 / MIN_FACTOR) || times > MAX_FACTOR) return null;
  const shown =
    times >= 100 ? Number(times.toPrecision(2)) : Number(times.toFixed(times >= 10 ? 0 : times >= 1 ? 1 : 2));
  return shown === 0 ? null : `×${shown}`;
}
