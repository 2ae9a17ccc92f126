import type { CustomInstrument } from '../../model/source.ts';
import type { CustomValue, CustomValues } from '../../verdict/custom/custom-metric.ts';
import { isPossible } from '../../verdict/custom/measured.ts';
import { customCode, isOf, pointsOf } from './custom-instruments.ts';
import { quantileOf } from './distribution.ts';
import { beginsKnown, foldMinutes, knownParts, MIN_PARTS, MINUTE_MS, type Minute } from './fold.ts';
import { type Told, tellOf } from './increments.ts';
import type { Distribution, KeptPoint, SenderPoints } from './points.ts';

const P95 = 0.95;
/** Parts of a share, which may be both. */
const COUNTED = 1;
const OF = 2;

/** What was told of one metric of a team's own. */
export interface CustomTold {
  readonly metric: CustomInstrument;
  readonly told: Told;
  /** Points of it, and of what it is a share of. */
  readonly points: number;
  readonly pointsOf: number;
  /** What some of the points are: distributions of what was observed, */
  readonly isHistogram: boolean;
  /** values that stand until the next, */
  readonly isLevel: boolean;
  /** all since their beginning. */
  readonly isCumulative: boolean;
}

/**
 * What the points say of one metric. Apart from the five numbers: what is sent of it makes none of their minutes known or
 * unknown. A stream that was not there before counts from zero only where its instrument was kept already.
 */
export function customTold(senders: readonly SenderPoints[], metric: CustomInstrument): CustomTold {
  const parts = pointsOf(metric);
  const codes = new Set(parts.map(({ instrument }) => customCode(instrument)));
  let [points, ofPoints] = [0, 0];
  let [isHistogram, isLevel, isCumulative] = [false, false, false];
  const partOf = (point: KeptPoint): number =>
    parts.reduce((bits, one, at) => (isOf(one, point) ? bits | (at === 0 ? COUNTED : OF) : bits), 0);
  const told = [...codes].map((code) =>
    tellOf(
      senders.flatMap(({ watched = [], points: all, ...sending }) => {
        if (!watched.includes(code)) return [];
        const met = all.flatMap((point) => {
          const part = point.instrument === code ? partOf(point) : 0;
          if (part === 0) return [];
          if ((part & COUNTED) !== 0) points += 1;
          if ((part & OF) !== 0) ofPoints += 1;
          if (point.temporality === 'level') isLevel = true;
          else if (typeof point.value !== 'number') isHistogram = true;
          if (point.temporality === 'cumulative') isCumulative = true;
          return [{ ...point, part }];
        });
        return [{ ...sending, points: met, exportedMs: [...new Set(all.map(({ timeMs }) => timeMs))] }];
      }),
    ),
  );
  const [first] = told;
  return {
    metric,
    told: {
      increments: told.flatMap(({ increments }) => increments),
      levels: told.flatMap(({ levels }) => levels),
      exports: first?.exports ?? new Map(),
      firstSeenMs: told.flatMap(({ firstSeenMs }) => firstSeenMs),
      firstMs: told.flatMap(({ firstMs }) => firstMs),
    },
    points,
    pointsOf: ofPoints,
    isHistogram,
    isLevel,
    isCumulative,
  };
}

/** A value, or what is wrong as a clause behind the metric's name. */
export type CustomFound = (CustomValue & { readonly value: number; readonly problem: null }) | CustomAbsent;
type CustomAbsent = CustomValue & { readonly value: null; readonly problem: string };

/** In each of the minutes up to `endMs` (epoch milliseconds), oldest first. */
export function customFound(of: CustomTold, span: { readonly endMs: number; readonly minutes: number }): CustomFound[] {
  const { metric, told } = of;
  const isCounting = metric.kind !== 'level';
  const increments = told.increments.map((one) => ({
    ...one,
    amount: isCounting || typeof one.amount === 'number' ? countOf(one.amount) : one.amount,
  }));
  return foldMinutes({ ...told, increments }, span).map((minute) => checked(metric, foundIn(of, minute)));
}

/** Only how many: where no kind of number but a count can stand. */
function countOf(amount: number | Distribution): Distribution {
  const count = typeof amount === 'number' ? amount : amount.count;
  return { count, sumMs: null, buckets: { edgesMs: [], counts: [] } };
}

function foundIn(of: CustomTold, minute: Minute): CustomFound {
  const { metric } = of;
  if (metric.kind === 'level') return levelIn(of, minute);
  if (of.isLevel) return absent('is no counter: gauges and sums that may fall are levels');
  if (!isKnown(of, minute))
    return absent(of.points + of.pointsOf === 0 ? 'met no points' : 'has no data in this minute');
  const [, counted = 0, ofOnly = 0, both = 0] = minute.parts;
  const numerator = counted + both;
  if (metric.kind === 'rate') return found(numerator / (MINUTE_MS / 1_000));
  const events = ofOnly + both;
  return events > 0
    ? { ...found(numerator / events), events }
    : { ...absent('is of no event', 'no_requests'), events: 0 };
}

/** Silence is zero where it was heard of before: of differences always, of what has grown since its beginning never. */
function isKnown({ told, isCumulative }: CustomTold, minute: Minute): boolean {
  if (!isCumulative) {
    const isWithin = [...told.exports.values()].some(
      ({ timesMs }) => (timesMs[0] ?? minute.atMs) <= minute.atMs - MINUTE_MS && (timesMs.at(-1) ?? 0) >= minute.atMs,
    );
    return minute.hasRequests || (isWithin && told.increments.length > 0);
  }
  const beganIn = told.firstSeenMs.some((at) => at > minute.atMs - MINUTE_MS && at <= minute.atMs);
  return minute.hasRequests && knownParts(minute) >= MIN_PARTS && !(beganIn && !beginsKnown(minute));
}

function levelIn(of: CustomTold, minute: Minute): CustomFound {
  const { statistic } = of.metric;
  if (of.isHistogram) {
    if (statistic === 'sum') return absent('is a histogram: its statistic is mean or p95');
    if (!isKnown(of, minute)) return absent('has no data in this minute');
    const events = minute.requests;
    if (events <= 0) return { ...absent('has no observation in this minute', 'no_requests'), events: 0 };
    const value = statistic === 'p95' ? (quantileOf(minute.latencies, P95)?.ms ?? null) : meanOf(minute);
    if (value !== null) return { ...found(value), events };
    return absent(
      statistic === 'p95' ? 'comes without buckets: a p95 needs them' : 'comes without a sum: a mean needs it',
    );
  }
  if (of.points === 0) return absent('met no points');
  if (!of.isLevel) return absent('is a counter: its kind is rate or share');
  if (statistic === 'p95') return absent('is a gauge: a p95 is of a histogram');
  const levels = [...minute.used.values()].flat().map(({ value }) => value);
  if (levels.length === 0) return absent('has no data in this minute');
  const sum = levels.reduce((all, value) => all + value, 0);
  return found(statistic === 'sum' ? sum : sum / levels.length);
}

function meanOf({ sumMs, requests }: Minute): number | null {
  return sumMs === null ? null : sumMs / requests;
}

/** Sums of floating point may come out a little beyond what can be. */
const ROUNDING = 1e-9;

function checked(metric: CustomInstrument, one: CustomFound): CustomFound {
  if (one.value === null) return one;
  const near = metric.kind === 'share' && one.value > 1 && one.value <= 1 + ROUNDING ? 1 : one.value;
  if (isPossible(metric, near)) return { ...one, value: near };
  const expected = metric.kind === 'share' ? 'a share, 0..1' : '0 or more';
  return { ...one, value: null, reason: 'out_of_range', problem: `is ${one.value}, expected ${expected}` };
}

const found = (value: number): CustomFound => ({ value, problem: null });
const absent = (problem: string, reason: NonNullable<CustomValue['reason']> = 'not_measured'): CustomAbsent => ({
  value: null,
  reason,
  problem,
});

/** What a sample keeps of them, and a clause for each that is missing. */
export function customValues(all: readonly { readonly metric: CustomInstrument; readonly found: CustomFound }[]): {
  readonly values: CustomValues;
  readonly leftOut: readonly string[];
} {
  const values = all.map(({ metric, found: { problem: _, ...value } }) => [metric.name, value] as const);
  const leftOut = all.flatMap(({ metric, found: { problem } }) =>
    problem === null ? [] : [`custom ${metric.name} ${problem}`],
  );
  return { values: Object.fromEntries(values), leftOut };
}
