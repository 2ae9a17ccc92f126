import type { Measure } from './types.ts';

/**
 * Numbers as people read them. The numbers of one sentence share unit and decimals: 0.40 → 2.11 %, 600 ms → 120000 ms
 * never, and no exponents.
 */

interface Unit {
  readonly factor: number;
  readonly name: string;
  /** From this size on the next unit is used. */
  readonly until?: number;
}

const MILLISECONDS: readonly Unit[] = [
  { factor: 1, name: ' ms', until: 1e5 },
  { factor: 1e-3, name: ' s' },
];
const RATES: readonly Unit[] = [
  { factor: 60, name: '/min', until: 0.5 },
  { factor: 1, name: '/s', until: 1e6 },
  { factor: 1e-6, name: ' M/s', until: 1e9 },
  { factor: 1e-9, name: ' G/s' },
];
/** Nobody measures more; whatever claims to is cut off. */
const MAX_SHOWN = 1e6;
const MORE_DECIMALS = 2;

function unitFor(measure: Measure, largest: number): Unit {
  const units = unitsOf(measure);
  return units.find(({ until = Number.POSITIVE_INFINITY }) => largest < until) ?? { factor: 1, name: '' };
}

const CORES: readonly Unit[] = [{ factor: 1, name: ' cores' }];
const SHARE: readonly Unit[] = [{ factor: 100, name: ' %' }];

function unitsOf(measure: Measure): readonly Unit[] {
  if (measure === 'latency_p95' || measure === 'latency_mean') return MILLISECONDS;
  if (measure === 'requests_per_sec') return RATES;
  if (measure === 'cpu_cores') return CORES;
  if (typeof measure === 'string' || measure.kind === 'share') return SHARE;
  const behind = measure.unit === '' ? '' : ` ${measure.unit}`;
  if (measure.kind === 'level') return [{ factor: 1, name: behind }];
  return RATES.map((unit) => ({ ...unit, name: `${behind}${unit.name}` }));
}

function decimalsFor(values: readonly number[]): number {
  const largest = Math.max(0, ...values.map(Math.abs));
  const usual = largest >= 100 ? 0 : largest >= 10 ? 1 : 2;
  // Decimals until different numbers look different, and none that is not 0 looks like 0.
  const isClear = (decimals: number) => {
    const shown = values.map((value) => value.toFixed(decimals));
    return new Set(shown).size === new Set(values).size && shown.every((it, i) => values[i] === 0 || Number(it) !== 0);
  };
  let decimals = usual;
  while (decimals < usual + MORE_DECIMALS && !isClear(decimals)) decimals++;
  if (!isClear(decimals)) decimals = usual;
  // 180 ms and not 180.00 ms: decimals that no number needs.
  return values.every((value) => Number.isInteger(Number(value.toFixed(decimals)))) ? 0 : decimals;
}

/** What differs by less than this share of itself is one number: the last bits of a sum. */
const SAME_SHARE = 1e-9;
/** Nor do they decide which way a number is rounded. */
const SIGNIFICANT_DIGITS = 12;

function text(values: readonly number[], unit: Unit, name = unit.name): string[] {
  const shown = values.map((value) => Number((value * unit.factor).toPrecision(SIGNIFICANT_DIGITS)));
  const one = shown[0] ?? 0;
  const same = shown.map((value) => (Math.abs(value - one) <= SAME_SHARE * Math.abs(one) ? one : value));
  const decimals = decimalsFor(same);
  return same.map((value) => {
    if (Math.abs(value) > MAX_SHOWN) return `${value < 0 ? 'less than −' : 'more than '}${MAX_SHOWN}${name}`;
    const digits = value === 0 ? '0' : Math.abs(value).toFixed(decimals);
    return `${value < 0 && Number(digits) !== 0 ? '−' : ''}${digits}${name}`;
  });
}

/** Whether two levels read the same with the decimals that their size has. */
export function readAlike(metric: Measure, one: number, other: number): boolean {
  const { factor } = unitFor(metric, Math.max(Math.abs(one), Math.abs(other)));
  const largest = Math.max(Math.abs(one), Math.abs(other)) * factor;
  const decimals = largest >= 100 ? 0 : largest >= 10 ? 1 : 2;
  return (one * factor).toFixed(decimals) === (other * factor).toFixed(decimals);
}

/** Levels of one metric, with one unit and as many decimals as tell them apart. */
export function levels(metric: Measure, values: readonly number[]): string[] {
  return text(values, unitFor(metric, Math.max(0, ...values.map(Math.abs))));
}

/** Two of them. */
export function pair(metric: Measure, one: number, other: number): [string, string] {
  const [first = '', second = ''] = levels(metric, [one, other]);
  return [first, second];
}

/** Sizes of changes: points for shares, so that nobody takes +2 points for +2 %. */
export function sizes(metric: Measure, values: readonly number[]): string[] {
  const unit = unitFor(metric, Math.max(0, ...values.map(Math.abs)));
  return text(values, unit, unit.name === ' %' ? ' points' : unit.name);
}

/** A factor: ×3.4, ×0.25, ×12. */
export function times(factor: number): string {
  if (factor > MAX_SHOWN) return `×${MAX_SHOWN} or more`;
  return `×${Number(factor.toFixed(factor >= 10 ? 0 : factor >= 1 ? 1 : 2))}`;
}
