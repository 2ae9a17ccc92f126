import { change } from './figures.ts';
import { falls } from './measure.ts';
import type { MetricReport } from './metric-report.ts';

/** The bar of a change: worse is to the right, x in thousandths of its width. */
export interface ChangeBar {
  readonly zero: number;
  /** From here on it matters. */
  readonly limit: number;
  readonly low: number;
  readonly high: number;
  readonly change: number;
  readonly from: number;
  readonly to: number;
  /** `+65.5 ms` */
  readonly limitText: string;
}

const FROM = 28;
const TO = 972;

/** null where nothing was compared. */
export function changeBarOf({ quantity, numbers }: MetricReport): ChangeBar | null {
  const { change: by, low, high, limit, baseline, observed } = numbers;
  if (by === null || limit === null) return null;
  const [from, to] = [low ?? by, high ?? by];
  const least = Math.min(0, from, by);
  const most = Math.max(limit * 1.15, to, by);
  const x = (value: number) => Math.round((FROM + ((value - least) / (most - least || 1)) * (TO - FROM)) * 10) / 10;
  return {
    zero: x(0),
    limit: x(limit),
    low: x(from),
    high: x(to),
    change: x(by),
    from: FROM,
    to: TO,
    limitText: change(quantity, falls(quantity) ? -limit : limit, [baseline ?? 0, observed ?? 0]),
  };
}
