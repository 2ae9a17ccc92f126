import type { Quantity } from './types.ts';

/**
 * Numbers as people read them. The numbers of one sentence share unit and decimals: 0.40 → 2.11 %, 600 ms → 120000 ms
 * never, and no exponents.
 */

interface Unit {
  readonly factor: number;
  readonly name: string;
}

const MILLISECONDS: readonly Unit[] = [
  { factor: 1, name: ' ms' },
  { factor: 1e-3, name: ' s' },
];
const RATES: readonly Unit[] = [
  { factor: 60, name: '/min' },
  { factor: 1, name: '/s' },
  { factor: 1e-6, name: ' M/s' },
  { factor: 1e-9, name: ' G/s' },
];
/** From this size on the next unit is used. */
const NEXT_UNIT: Record<string, number> = { ' ms': 1e5, '/min': 0.5, '/s': 1e6, ' M/s': 1e9 };
/** Nobody measures more; whatever claims to is cut off. */
const MAX_SHOWN = 1e6;
const MORE_DECIMALS = 2;

const CORES: readonly Unit[] = [{ factor: 1, name: ' cores' }];
const SHARES: readonly Unit[] = [{ factor: 100, name: ' %' }];
const UNITS: Readonly<Record<Quantity, readonly Unit[]>> = {
  error_rate: SHARES,
  latency_p95: MILLISECONDS,
  requests_per_sec: RATES,
  cpu_usage: SHARES,
  memory_usage: SHARES,
  latency_mean: MILLISECONDS,
  cpu_cores: CORES,
};

function unitFor(metric: Quantity, largest: number): Unit {
  const units = UNITS[metric];
  return units.find(({ name }) => largest < (NEXT_UNIT[name] ?? Number.POSITIVE_INFINITY)) ?? { factor: 1, name: '' };
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

function text(values: readonly number[], unit: Unit, name = unit.name): string[] {
  const shown = values.map((value) => value * unit.factor);
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
export function readAlike(metric: Quantity, one: number, other: number): boolean {
  const { factor } = unitFor(metric, Math.max(Math.abs(one), Math.abs(other)));
  const largest = Math.max(Math.abs(one), Math.abs(other)) * factor;
  const decimals = largest >= 100 ? 0 : largest >= 10 ? 1 : 2;
  return (one * factor).toFixed(decimals) === (other * factor).toFixed(decimals);
}

/** Levels of one metric, with one unit and as many decimals as tell them apart. */
export function levels(metric: Quantity, values: readonly number[]): string[] {
  return text(values, unitFor(metric, Math.max(0, ...values.map(Math.abs))));
}

/** Two of them. */
export function pair(metric: Quantity, one: number, other: number): [string, string] {
  const [first = '', second = ''] = levels(metric, [one, other]);
  return [first, second];
}

/** Sizes of changes: points for shares, so that nobody takes +2 points for +2 %. */
export function sizes(metric: Quantity, values: readonly number[]): string[] {
  const unit = unitFor(metric, Math.max(0, ...values.map(Math.abs)));
  return text(values, unit, unit.name === ' %' ? ' points' : unit.name);
}

/** A factor: ×3.4, ×0.25, ×12. */
export function times(factor: number): string {
  if (factor > MAX_SHOWN) return `×${MAX_SHOWN} or more`;
  return `×${Number(factor.toFixed(factor >= 10 ? 0 : factor >= 1 ? 1 : 2))}`;
}
