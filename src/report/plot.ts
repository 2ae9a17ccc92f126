import { joined, level, levels } from './figures.ts';
import { isBeyond } from './first-beyond.ts';
import type { Frame } from './frame.ts';
import { falls, valueIn } from './measure.ts';
import type { MetricReport } from './metric-report.ts';
import type { Report } from './report.ts';
import { clock, hourMinute } from './times.ts';

/** One metric drawn: x in thousandths of the width, y in pixels from above. */
export interface Plot {
  readonly height: number;
  readonly before: readonly Point[];
  readonly after: readonly Point[];
  /** Read, but not used; on no line. */
  readonly leftOut: readonly Point[];
  /** Heights of the levels; null where there is none. */
  readonly baseline: number | null;
  readonly observed: number | null;
  readonly limit: number | null;
  /** The side of the limit that is worse: from its height to this one. */
  readonly worseEnd: number;
  /** Of large plots: where lines with a number lie. */
  readonly ticks: readonly { readonly y: number; readonly text: string }[];
  /** Where samples were due that could not be read, and where some will come. */
  readonly missed: readonly number[];
  readonly toCome: readonly number[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
  readonly isBeyond: boolean;
  /** `09:41 602 ms, beyond the limit` */
  readonly text: string;
}

/** `large` and `scaled` show what was read to scale, `small` against what matters. */
export type PlotSize = 'large' | 'scaled' | 'small';

const SMALL = { height: 72, top: 5, bottom: 67 } as const;
const BOX = { large: { height: 176, top: 17, bottom: 169 }, scaled: SMALL, small: SMALL } as const;
/** In small plots: where the baseline lies, and how far from it the limit. */
const SMALL_BASELINE = { rising: 47.5, falling: 28.5 } as const;
const SMALL_LIMIT = 27.2;

export function plotOf(report: Report, metric: MetricReport, frame: Frame, size: PlotSize): Plot {
  const values = report.used.flatMap((sample) => valueIn(sample, metric.quantity) ?? []);
  const scale = size === 'small' ? smallScale(metric, values) : fullScale(metric, values, BOX[size]);
  const { height } = BOX[size];
  const points = (phase: 'pre' | 'post') =>
    report.used.flatMap((sample) => {
      const value = valueIn(sample, metric.quantity);
      if (sample.phase !== phase || value === null) return [];
      const atMs = Date.parse(sample.collected_at);
      const beyond = phase === 'post' && metric.outcome !== 'open' && isBeyond(metric, value);
      const text = `${hourMinute(atMs)} ${level(metric.quantity, value)}${beyond ? ', beyond the limit' : ''}`;
      return [{ x: round(frame.x(atMs)), y: round(scale.y(value)), isBeyond: beyond, text }];
    });
  const { baseline, observed, threshold } = metric.numbers;
  const heightOf = (value: number | null) => (value === null ? null : round(scale.y(value)));
  return {
    height,
    before: points('pre'),
    after: points('post'),
    leftOut: leftOutPoints(report, metric, frame, scale),
    baseline: heightOf(baseline),
    observed: heightOf(observed),
    limit: heightOf(threshold),
    worseEnd: falls(metric.quantity) ? height : 0,
    ticks: scale.ticks,
    ...dueSlots(report, frame),
  };
}

/** Within the box, however far out they are: what was left out does not set the scale. */
function leftOutPoints(report: Report, { quantity }: MetricReport, frame: Frame, scale: Scale): Point[] {
  return report.unused.flatMap(({ sample, why }) => {
    const value = valueIn(sample, quantity);
    const atMs = Date.parse(sample.collected_at);
    if (value === null || !Number.isFinite(atMs)) return [];
    const y = Math.max(scale.top, Math.min(scale.bottom, scale.y(value)));
    const text = `${hourMinute(atMs)} ${level(quantity, value)}, left out: ${why}`;
    return [{ x: round(frame.x(atMs)), y: round(y), isBeyond: false, text }];
  });
}

interface Scale {
  readonly top: number;
  readonly bottom: number;
  readonly y: (value: number) => number;
  readonly ticks: readonly { readonly y: number; readonly text: string }[];
}

function fullScale(
  { quantity, numbers }: MetricReport,
  values: readonly number[],
  box: { readonly top: number; readonly bottom: number },
): Scale {
  const shown = [...values, numbers.threshold, numbers.baseline, numbers.observed].filter((value) => value !== null);
  const high = Math.max(...shown);
  const low = Math.min(...shown);
  const from = high - low > high / 3 ? 0 : Math.max(0, low - (high - low) / 4);
  const to = high === from ? from + 1 : high;
  const y = (value: number) => box.bottom - ((value - from) / (to - from)) * (box.bottom - box.top);
  const at = niceValues(from, to);
  const texts = levels(quantity, at);
  return {
    ...box,
    y,
    ticks: at.map((value, i) => ({ y: round(y(value)), text: texts[i] === undefined ? '' : joined(texts[i]) })),
  };
}

/** Noise is compared with what matters, so that stands at the same distance in every small plot. */
function smallScale({ quantity, numbers }: MetricReport, values: readonly number[]): Scale {
  const { baseline, threshold } = numbers;
  const base = SMALL_BASELINE[falls(quantity) ? 'falling' : 'rising'];
  const bounded = (y: number) => Math.max(SMALL.top, Math.min(SMALL.bottom, y));
  if (baseline !== null && threshold !== null && threshold !== baseline) {
    const perUnit = SMALL_LIMIT / Math.abs(threshold - baseline);
    return { ...SMALL, y: (value) => bounded(base - (value - baseline) * perUnit), ticks: [] };
  }
  const low = Math.min(...values);
  const high = Math.max(...values);
  const middle = SMALL.height / 2 + 2;
  if (!(high > low)) return { ...SMALL, y: () => middle, ticks: [] };
  const y = (value: number) => bounded(middle + SMALL_LIMIT / 2 - ((value - low) / (high - low)) * SMALL_LIMIT);
  return { ...SMALL, y, ticks: [] };
}

/** Two or three round values between the ends. */
function niceValues(from: number, to: number): number[] {
  const least = (to - from) / 3;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5].map((times) => times * power).find((size) => size >= least) ?? 10 * power;
  const first = Math.ceil(from / step);
  const count = Math.floor(to / step) - first + 1;
  return Array.from({ length: Math.max(0, Math.min(4, count)) }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
}

/** Due times after the deployment that hold no sample: still to come, or missed. */
function dueSlots(report: Report, frame: Frame): { missed: number[]; toCome: number[] } {
  const { finishedAtMs, observedUntilMs, tone, counts, samples } = report;
  const expected = counts.after.expected;
  if (finishedAtMs === null || observedUntilMs === null || expected < 1) return { missed: [], toCome: [] };
  const interval = (observedUntilMs - finishedAtMs) / expected;
  const came = new Set(
    samples
      .filter(({ phase }) => phase === 'post')
      .map(({ collected_at }) => Math.round((Date.parse(collected_at) - finishedAtMs) / interval)),
  );
  const open = Array.from({ length: expected }, (_, slot) => slot).filter((slot) => !came.has(slot));
  const x = (slot: number) => round(frame.x(finishedAtMs + slot * interval));
  if (tone === 'observing') {
    const toCome = open.slice(-Math.max(0, expected - counts.after.collected));
    return { missed: [], toCome: toCome.map(x) };
  }
  return { missed: open.slice(0, Math.max(0, expected - counts.after.collected)).map(x), toCome: [] };
}

/** Labels at their true heights, pushed apart to `least` pixels where they would touch; in the order given. */
export function spread(heights: readonly number[], least: number, from: number, to: number): number[] {
  const order = heights.map((y, index) => ({ y, index })).toSorted((one, other) => one.y - other.y);
  const placed: number[] = [];
  for (const { y } of order) placed.push(Math.max(from, y, (placed.at(-1) ?? Number.NEGATIVE_INFINITY) + least));
  for (let i = placed.length - 1, most = to; i >= 0; i -= 1, most = (placed[i + 1] ?? to) - least) {
    placed[i] = Math.min(placed[i] ?? most, most);
  }
  const result = new Array<number>(heights.length);
  for (const [place, { index }] of order.entries()) result[index] = round(placed[place] ?? 0);
  return result;
}

/** One decimal is a tenth of a pixel: enough, and half the bytes. */
export const round = (value: number): number => Math.round(value * 10) / 10;

/** `09:25`, or the date where the axis is cut before the deployment. */
export function axisTexts(
  frame: Frame,
  day: (atMs: number) => string,
): { from: string; deployed: string; until: string } {
  const isOld = frame.triggeredMs - frame.fromMs > 12 * 3_600_000;
  const deployed = frame.afterMs === null ? clock(frame.triggeredMs) : hourMinute(frame.triggeredMs);
  return { from: isOld ? day(frame.fromMs) : hourMinute(frame.fromMs), deployed, until: hourMinute(frame.untilMs) };
}
