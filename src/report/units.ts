import type { Measure } from '../verdict/types.ts';

export interface Unit {
  readonly factor: number;
  readonly name: string;
  /** From this size on, in the metric's own unit. */
  readonly from: number;
}

const MILLISECONDS: readonly Unit[] = [
  { factor: 1e-3, name: ' s', from: 1e4 },
  { factor: 1, name: ' ms', from: 0 },
];

const RATES: readonly Unit[] = [
  { factor: 1e-9, name: ' G/s', from: 1e9 },
  { factor: 1e-6, name: ' M/s', from: 1e6 },
  { factor: 1e-3, name: ' k/s', from: 1e4 },
  { factor: 1, name: '/s', from: 0.5 },
  { factor: 60, name: '/min', from: Number.MIN_VALUE },
  { factor: 1, name: '/s', from: 0 },
];

const SHARES: readonly Unit[] = [{ factor: 100, name: ' %', from: 0 }];

const CORES: readonly Unit[] = [{ factor: 1, name: ' cores', from: 0 }];

const POINTS: readonly Unit[] = [{ factor: 100, name: ' pts', from: 0 }];

/** Units from this size on are left for a smaller one where a number would vanish in them. */
export const UPPER_UNITS = 1e4;

/** Beside larger rates nobody counts by the minute. */
export const WHOLE_RATE = 0.5;

export function unitsOf(metric: Measure, isChange: boolean): readonly Unit[] {
  if (metric === 'latency_p95' || metric === 'latency_mean') return MILLISECONDS;
  if (metric === 'cpu_cores') return CORES;
  if (metric === 'requests_per_sec') return RATES;
  if (typeof metric === 'string' || metric.kind === 'share') return isChange ? POINTS : SHARES;
  const behind = metric.unit === '' ? '' : ` ${metric.unit}`;
  if (metric.kind === 'level') return [{ factor: 1, name: behind, from: 0 }];
  return RATES.map((unit) => ({ ...unit, name: `${behind}${unit.name}` }));
}

export const isRate = (metric: Measure): boolean =>
  typeof metric === 'string' ? metric === 'requests_per_sec' : metric.kind === 'rate';

export function unitFor(units: readonly Unit[], size: number): Unit {
  return units.find(({ from }) => size >= from) ?? { factor: 1, name: '', from: 0 };
}
